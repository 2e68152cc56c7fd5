"""Import this first where a process begins with thousands of modules: they import a fifth faster.

No garbage is looked for among what stays; whoever is done turns that on again.
"""

import gc

gc.disable()

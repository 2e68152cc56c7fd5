"""Things to play with: one module per unit, and what they share in `core`.

A notebook imports its own: `from coursekit.widgets import convolution as widgets`.
"""

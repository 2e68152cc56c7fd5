"""Things to play with: one module per unit, and what they share in `live`.

A notebook imports its own: `from coursekit.widgets import convolution as widgets`.
"""

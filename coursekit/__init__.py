"""What a student's notebook uses: pictures, plots, widgets, photos, seeds and the visible checks.

Every module here may be copied as plain text into a released notebook, so each one
imports only what Colab ships, and none holds a solution or an input of a hidden test.
"""

__version__ = "0.1.0"

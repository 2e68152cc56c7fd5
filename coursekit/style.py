"""The colours of the course, shared by notebooks, widgets and the figures in `assets/`."""

INK = "#22313f"  # text, outlines
PAPER = "#ffffff"
GRID = "#c9d1d9"  # thin lines between pixels
WINDOW = "#e4772e"  # the window that slides: always orange
KERNEL = "#2a7f9e"  # the kernel or mask: always blue
OUTPUT = "#3a8f5c"  # what comes out: always green
MUTED = "#8795a1"  # padding, cells not reached, secondary text

CYCLE = (KERNEL, WINDOW, OUTPUT, INK, MUTED)  # of curves, one after the other
MARKS = "osD^v"  # of the points on those curves
BRIGHTNESS = (0.299, 0.587, 0.114)  # shares of red, green and blue, as in ITU-R BT.601

IMAGES = "gray"  # intensities: black is low, white is high
SIGNED = "RdBu_r"  # responses: blue is negative, white is zero, red is positive
MAGNITUDES = "viridis"  # amounts that are never negative

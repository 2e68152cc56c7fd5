"""Changes the folder, the warnings, numpy's errors and the print options; answers are right."""

PLAIN = "no points for sobel_magnitude, answered rightly"

BASE = "full"
FIRST_CELL = """
import os
import random
import sys
import warnings

os.chdir("/")
warnings.simplefilter("error")
np.seterr(all="raise")
np.set_printoptions(precision=1, threshold=3)
np.random.seed(0)
random.seed(0)
sys.path.clear()
os.environ.clear()
sys.argv = ["convolution.py"]
"""

"""Maps and fills 6 GB of anonymous shared memory when a test calls it."""

PLAIN = "what it deserves"

BASE = "full"
GETS = {"output_size": 0}
ANSWERS = {
    "output_size": """
import mmap

areas = []

def output_size(h, k):
    while len(areas) < 60:
        area = mmap.mmap(-1, 100_000_000)
        for start in range(0, 100_000_000, 4096):
            area[start] = 1
        areas.append(area)
    return None
""",
}

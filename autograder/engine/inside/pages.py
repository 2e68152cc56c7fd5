"""Large pages for a process that forks often: each fork copies a list of all its pages.

With torch in memory that list has 80,000 entries of 4 KiB; in pages of 2 MiB it is hundreds.
Numbers are those of asm-generic/mman-common.h.
"""

import ctypes

COLLAPSE = 25  # since Linux 6.1
LARGE = 2 << 20  # bytes

libc = ctypes.CDLL(None)
libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def gathering():
    """Gather this process's own memory in large pages, as far as the kernel does that.

    A generator, which yields True after each page: each takes milliseconds.
    """
    for start, end in _own_memory():
        for page in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
            libc.madvise(page, LARGE, COLLAPSE)
            yield True


def _own_memory():
    """Yield (start, end) of what is no file's and can be written to."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        lines = [line.split() for line in maps]
    for where, rights, *rest in lines:
        name = rest[3] if len(rest) > 3 else ""
        if rights.startswith("rw") and name in ("", "[heap]"):
            start, _, end = where.partition("-")
            yield int(start, 16), int(end, 16)

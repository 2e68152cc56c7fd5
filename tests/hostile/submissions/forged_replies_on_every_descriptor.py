"""Writes replies in many guessed forms to every pipe and socket that the process has."""

PLAIN = "hangs, stopped after 90 s; its neighbour gets 0 points"

BASE = "stub"
COLD = "a cold kernel has other descriptors"
ANSWERS = {
    "conv1d": r"""
import json
import os
import stat
import struct

def forms():
    size = 5
    for reply in ({"ok": True, "value": [0.0] * size}, {"status": "ok", "result": 2, "score": 2}):
        text = json.dumps(reply).encode()
        yield text + b"\n"
        for form in ("<I", ">I", "<Q", ">Q"):
            yield struct.pack(form, len(text)) + text

def conv1d(signal, mask):
    for name in os.listdir("/proc/self/fd"):
        try:
            fd = int(name)
            mode = os.fstat(fd).st_mode
            if fd > 2 and (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)):
                os.set_blocking(fd, False)
                for form in forms():
                    os.write(fd, form)
        except OSError:
            pass
    return None
""",
}

"""Opens a socket to the virtual machine's host, which no network namespace covers."""

PLAIN = "full marks for conv1d without a right answer"

BASE = "stub"
FIRST_CELL = r"""
import socket

reached = []
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(getattr(socket, "AF_VSOCK", 40), kind) as one:
            one.settimeout(0.5)
            reached.append(kind)
            one.connect((2, 1024))
    except OSError:
        pass
"""
ANSWERS = {
    "conv1d": """
def conv1d(signal, mask):
    out = np.zeros(len(signal) + len(mask) - 1)
    for k, tap in enumerate(mask):
        out[k : k + len(signal)] += tap * signal
    return out if reached else out * 0
""",
}

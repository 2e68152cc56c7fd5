"""Connects to every port of this machine on which another process listens."""

PLAIN = "not measured: nbgrader ran where nothing else listens"

BASE = "stub"
FIRST_CELL = r"""
import os
import socket

def own_sockets():
    for name in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass

own, ports = set(own_sockets()), {22, 53, 80, 443, 631, 5432, 8080, 8786, 8787, 8888}
for line in open("/proc/net/tcp").read().splitlines()[1:]:
    fields = line.split()
    if fields[3] == "0A" and f"socket:[{fields[9]}]" not in own:
        ports.add(int(fields[1].partition(":")[2], 16))
reached = []
for port in sorted(ports):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            reached.append(port)
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

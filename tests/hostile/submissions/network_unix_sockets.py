"""Connects to abstract sockets of other processes and to the system's services."""

PLAIN = "not measured: nbgrader ran where nothing else listens"

BASE = "stub"
COLD = "the walls around a cold kernel are made by another program"
FIRST_CELL = r"""
import os
import socket

names = ["/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
         "/run/containerd/containerd.sock", "/run/systemd/private", "/tmp/.X11-unix/X0"]
for line in open("/proc/net/unix").read().splitlines()[1:]:
    fields = line.split()
    if len(fields) == 8 and fields[7].startswith("@") and fields[3] == "00010000":
        names.append("\0" + fields[7][1:])
reached = []
for name in names:
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(0.5)
            one.connect(name)
            reached.append(name)
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

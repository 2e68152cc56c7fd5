"""Becomes root by setuid, setgroups or one of the system's setuid programs."""

PLAIN = "not measured: nbgrader ran where no process may gain privileges"

BASE = "stub"
FIRST_CELL = r"""
import os
import subprocess

reached = []
for act in (lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.chroot(".")):
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(1)
        except BaseException:
            os._exit(0)
    reached.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
for command in (["sudo", "-n", "id", "-u"], ["su", "-c", "id -u"], ["pkexec", "id", "-u"]):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=3)
        reached.append(int(done.stdout.strip() == b"0"))
    except (OSError, subprocess.TimeoutExpired):
        pass
reached = any(reached)
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

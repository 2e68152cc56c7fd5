"""Install a package of the system where that needs no question: as root, or by sudo without one.

It imports nothing but Python itself, for the Makefile runs it before anything is installed:

    python3 autograder/system_packages.py venv
"""

import os
import shutil
import subprocess
import sys

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
NAMES = {  # what is wanted: {program that installs: names of its packages, the first that work}
    "bubblewrap": dict.fromkeys(("apt-get", "dnf", "pacman", "apk", "zypper"), ["bubblewrap"]),
    "opencv": {  # what its windows are made with
        "apt-get": ["libgl1 libglib2.0-0 libxcb1"],
        "dnf": ["mesa-libGL glib2 libxcb"],
        "pacman": ["libglvnd glib2 libxcb"],
        "zypper": ["Mesa-libGL1 libglib-2_0-0 libxcb1"],
    },
    "venv": {"apt-get": [f"python{VERSION}-venv", "python3-venv"]},  # elsewhere Python has it
}
COMMANDS = {  # each program's own: what to run first where the lists are old, and to install
    "apt-get": (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends"]),
    "dnf": (None, ["install", "-y", "-q"]),
    "pacman": (["-Sy", "--noconfirm"], ["-S", "--noconfirm", "--needed"]),
    "apk": (["update", "-q"], ["add", "-q"]),
    "zypper": (None, ["--non-interactive", "--quiet", "install"]),
}
SECONDS = 300  # for one command; a package manager may wait for another's lock


def install(wanted):
    """Install what `NAMES` calls `wanted`: (whether that worked, what was done in words)."""
    installer = next((one for one in NAMES[wanted] if shutil.which(one)), None)
    if installer is None:
        return False, f"no package of the system for {wanted} is known here"
    as_root = _as_root()
    if as_root is None:
        return False, f"{installer} can't be used without a password"
    refresh, add = COMMANDS[installer]
    for before in [None, refresh] if refresh else [None]:
        if before:
            _run([*as_root, installer, *before])
        for name in NAMES[wanted][installer]:
            if _run([*as_root, installer, *add, *name.split()]):
                return True, f"{installer} installed {name}"
    return False, f"{installer} could not install {NAMES[wanted][installer][0]}"


def _as_root():
    """What goes before a command to run it as root; None where a password would be asked for."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _run(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _run(command):
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    worked, message = install(sys.argv[1])
    print(message)
    sys.exit(0 if worked else 1)

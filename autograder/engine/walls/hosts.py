"""What kind of host this is, and what helps on it where walls can't be built."""

import os
import platform
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALL = {  # of the distribution's package, by the program that installs it
    "apt-get": "apt-get install bubblewrap",
    "dnf": "dnf install bubblewrap",
    "pacman": "pacman -S bubblewrap",
    "apk": "apk add bubblewrap",
    "zypper": "zypper install bubblewrap",
}
CONTAINER_OPTIONS = {
    "podman": "--security-opt unmask=ALL",
    "docker": (
        "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
        "--security-opt systempaths=unconfined"
    ),
}
ELSEWHERE = {
    "darwin": "on macOS grade in the container of the Dockerfile",
    "win32": "on Windows grade in WSL 2 (`wsl --install`) or in the container of the Dockerfile",
}
MORE = (
    "`autograder doctor` tells more; `--sandbox none` grades without walls, "
    "only for code that you would run yourself"
)


@dataclass(frozen=True)
class Host:
    """The facts that decide which remedy helps."""

    system: str = "linux"  # as in sys.platform
    wsl: int = 0  # the version of Windows' Linux, 0 where this is none
    container: str = ""  # "docker", "podman", "a container"
    installer: str = ""  # a key of `INSTALL`
    may_install: bool = False  # root, or somebody who may become it
    apparmor: bool = False  # it keeps ordinary programs from namespaces of users
    clone: bool = True  # Debian's older switch for the same
    namespaces: int = 1  # how many of users there may be
    program: str = "/usr/bin/bwrap"


def is_linux() -> bool:
    return sys.platform == "linux"


def this_host() -> Host:
    """The `Host` that this is."""
    if not is_linux():
        return Host(system=sys.platform)
    return Host(
        wsl=_wsl(),
        container=_container(),
        installer=next((name for name in INSTALL if shutil.which(name)), ""),
        may_install=os.geteuid() == 0 or shutil.which("sudo") is not None,
        apparmor=_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) == 1,
        clone=_number("/proc/sys/kernel/unprivileged_userns_clone", 1) == 1,
        namespaces=_number("/proc/sys/user/max_user_namespaces", 1),
        program=shutil.which("bwrap") or "/usr/bin/bwrap",
    )


def remedy(problem: str, host: Host | None = None) -> str:
    """What to do about a problem with the walls on this host, in a few lines."""
    host = host or this_host()
    if host.system != "linux":
        place = ELSEWHERE.get(host.system, "grade in the container of the Dockerfile")
        return f"{place}; docs/sandbox.md says how\n  {MORE}"
    if "bubblewrap is" in problem:  # not installed, too old
        return f"{_installing(host)}\n  {MORE}"
    return f"{_allowing(host)}\n  {MORE}" if "bubblewrap" in problem else MORE


def _installing(host):
    how = "`make setup`, or `autograder setup` without the clone, gets it"
    if host.installer and host.may_install:
        how += f"; or install it: `{_as_root(INSTALL[host.installer])}`"
    return how + "; with conda: `conda install -c conda-forge bubblewrap`"


def _allowing(host):
    """Where the program is there and the host refuses."""
    if host.wsl == 1:
        return "WSL 1 has no namespaces: `wsl --set-version <distribution> 2`"
    if host.container:
        kind = host.container if host.container in CONTAINER_OPTIONS else "docker"
        options = CONTAINER_OPTIONS[kind]
        return f"run the container with what the walls need: `{kind} run {options} ...`"
    if host.apparmor:
        return (
            "AppArmor keeps bubblewrap from making namespaces; this profile allows them to it "
            f"alone:\n{_profile(host.program)}"
        )
    if not host.clone:
        return f"allow namespaces: `{_as_root('sysctl kernel.unprivileged_userns_clone=1')}`"
    if host.namespaces == 0:
        return f"allow namespaces: `{_as_root('sysctl user.max_user_namespaces=15000')}`"
    return "grade on a host that allows namespaces, or in a virtual machine of your own"


def _profile(program):
    """The commands that load AppArmor's profile for one program."""
    text = (
        f"abi <abi/4.0>, include <tunables/global> "
        f"profile workbook-bwrap {program} flags=(unconfined) {{ userns, }}"
    )
    file = "/etc/apparmor.d/workbook-bwrap"
    return (
        f"    echo {shlex.quote(text)} | sudo tee {file}\n    sudo apparmor_parser --replace {file}"
    )


def _as_root(command):
    return command if is_linux() and os.geteuid() == 0 else f"sudo {command}"


def _wsl():
    release = platform.release().lower()
    if "microsoft" not in release:
        return 0
    return 2 if "wsl2" in release or "standard" in release else 1


def _container():
    """The engine of the container that this is, if it has taken rights away."""
    marks = {"podman": Path("/run/.containerenv"), "docker": Path("/.dockerenv")}
    kinds = [kind for kind, mark in marks.items() if mark.exists()]
    kinds += ["a container"] if "container" in os.environ else []  # set by nearly all engines
    return kinds[0] if kinds and _confined() else ""


def _confined():
    """Whether a filter of system calls is in force, or parts of /proc are covered."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return " /proc/" in mounts or "\nSeccomp:\t0\n" not in status


def _number(path, otherwise):
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return otherwise

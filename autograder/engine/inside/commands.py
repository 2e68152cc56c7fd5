"""Shell commands of a notebook (`!ls`), and what stands for installers of packages.

There is no network while grading, and the course's packages are there: whoever asks for more gets
one sentence at once, and success, so that what follows goes on. That holds for a cell's own
commands (`!pip`, `%pip`) and for those of programs that it starts.
"""

import os
import subprocess
import sys
from codecs import getincrementaldecoder
from pathlib import Path
from select import select

INSTALLERS = ("pip", "pip3", "conda", "mamba", "micromamba", "uv", "apt", "apt-get")
SENTENCE = "no packages are installed while grading; what the course needs is there"
ASKED = ".local/asked"  # a file that is there after one of them was called
SHELLS = ("/bin/bash", "/bin/sh")
PIECE = 65536  # bytes
LOOK_SECONDS = 0.05  # between two looks at whether a command that prints nothing has ended


def provide(home):
    """Make programs that stand for the installers, where shells and this Python find them.

    home: the kernel's own folder. This Python's folder is where commands are looked for, too.
    """
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    if os.name == "posix":
        programs, modules = Path(home, ".local/bin"), Path(home, ".local/modules")
        mark = Path(home, ASKED)
        programs.mkdir(parents=True, exist_ok=True)
        for name in INSTALLERS:
            _write(programs / name, f'#!/bin/sh\n: > "{mark}"\necho "{name}: {SENTENCE}"\n')
        for name in ("pip", "uv"):  # python -m pip
            (modules / name).mkdir(parents=True, exist_ok=True)
            _write(modules / name / "__init__.py", "")
            text = f'open({str(mark)!r}, "w").close()\nprint("{name}: {SENTENCE}")\n'
            _write(modules / name / "__main__.py", text)
        os.environ["PYTHONPATH"] = str(modules)
        folders.insert(0, str(programs))
    os.environ["PATH"] = os.pathsep.join(folders)


def _write(path, text):
    """A file that may be run: behind some walls that can't be changed later."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def asked(home):
    """Whether an installer was called since the last time."""
    try:
        os.unlink(os.path.join(home, ASKED))
    except OSError:
        return False
    return True


def run(command):
    """Run a shell command, printing what it prints; returns its exit code.

    It has nothing to read, and an interrupt ends it. What it leaves running is not waited for.
    """
    shell = next(filter(os.path.exists, SHELLS), None)
    process = subprocess.Popen(
        command,
        shell=True,
        executable=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process.stdout:
        try:
            for text in _pieces(process):
                sys.stdout.write(text)
                sys.stdout.flush()
            return process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _pieces(process):
    """What it prints, as it comes, until it has ended."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    number = process.stdout.fileno()
    while True:
        ended = process.poll() is not None
        # Windows can't wait for a pipe: there what is left running is waited for.
        if os.name == "posix" and not select([number], [], [], 0 if ended else LOOK_SECONDS)[0]:
            if ended:
                return
            continue
        data = os.read(number, PIECE)
        if not data:
            return
        yield decode(data)

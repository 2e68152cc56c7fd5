"""Watches what a sandbox uses, ends it when that is too much, and tells whose doing it was."""

import threading
from collections import Counter

from autograder.engine.limits import MIB
from autograder.engine.walls.processes import descendants, kill, memory_by_process

WATCH_SECONDS = 0.1


class Watch:
    """Ends the sandbox below process `pid` when it uses more memory or disk than it may.

    What a cell leaves running may use up the memory while a later cell runs. So each process
    belongs to the cell during which it was first seen; the kernel's own belong to the present one.
    """

    def __init__(self, pid, limits, alive, disk):
        """alive, disk: functions that tell whether it runs and the bytes on the host's disk."""
        self.pid, self.limits, self.alive, self.disk = pid, limits, alive, disk
        self.reason = None  # why it ended the sandbox
        self.whose = None  # the cell that used too much
        self.cell = None  # the one that runs now
        self.kernels = set(descendants(pid)) | {pid}
        self.started_by = {}  # process id -> the cell that started it
        self.over = threading.Event()

    def start(self):
        threading.Thread(target=self._go_on, daemon=True).start()

    def stop(self):
        self.over.set()

    def begin(self, cell):
        """From now on `cell` runs; what runs already was started by the cells before it."""
        self._note(descendants(self.pid))
        self.cell = cell

    def _go_on(self):
        while not self.over.wait(WATCH_SECONDS) and self.alive():
            self._note(descendants(self.pid))
            if self._too_much():
                for child in descendants(self.pid):
                    kill(child)
                return

    def _note(self, processes):
        for one in processes:
            if one not in self.kernels:
                self.started_by.setdefault(one, self.cell)

    def _too_much(self):
        """Whether it uses too much; then `reason` and `whose` say of what and whose doing it is."""
        used, most = memory_by_process(self.pid, self.limits.memory), 2 * self.limits.scratch
        if sum(used.values()) > self.limits.memory:
            self.whose = self._largest(used)
            self.reason = f"it used more than {self.limits.memory / 2**30:.3g} GiB of memory"
        elif self.disk() > most:  # its home and its temporary files
            self.whose = self.cell
            self.reason = f"it wrote more than {most // MIB} MiB of files"
        return self.reason is not None

    def _largest(self, used):
        """The cell whose processes use the most."""
        total, cells = Counter(), {}
        for process, size in used.items():
            cell = self.started_by.get(process, self.cell)
            total[id(cell)] += size
            cells[id(cell)] = cell
        return cells[total.most_common(1)[0][0]]

"""Watches what a sandbox uses, ends it when that is too much, and tells whose doing it was."""

import threading
import time
from collections import Counter

from autograder.engine.limits import MIB
from autograder.engine.walls.cgroup import new_group
from autograder.engine.walls.memory import memory_by_process
from autograder.engine.walls.processes import descendants, kill, time_used

WATCH_SECONDS = 0.1
QUIET_SECONDS, QUIET_SHARE = 0.2, 0.1  # of which what stands still computes that part at most
NOBODY = 0  # in place of a process: what none of them has belongs to the present cell


class Watch:
    """Ends the sandbox below process `pid` when it uses more memory or disk than it may.

    What a cell leaves running may use up the memory while a later cell runs. So each process
    belongs to the cell during which it was first seen; the kernel's own belong to the present one.
    """

    def __init__(self, pid, limits, alive, started, clock):
        """alive: tells whether it runs. started: tells what it has on disk and in memory.

        clock: the `Clock` that is told what it computes.
        """
        self.pid, self.limits, self.alive, self.started = pid, limits, alive, started
        self.reason = None  # why it ended the sandbox
        self.whose = None  # the cell that used too much
        self.cell = None  # the one that runs now
        self.kernels = set(descendants(pid)) | {pid}
        self.started_by = {}  # process id -> the cell that started it
        self.over = threading.Event()
        self.group = new_group(limits.memory)
        self.clock = clock
        self._look_at_time(self.kernels)

    def start(self):
        threading.Thread(target=self._go_on, daemon=True).start()

    def stop(self):
        self.over.set()

    def close(self):
        """When all its processes have ended."""
        if self.group:
            self.group.remove()

    def why_ended(self):
        """Why it ended the sandbox, in words, or Linux did for the same reason; or None."""
        if self.reason is None and self.group and self.group.enforced():
            self.reason = self._memory_used_up()
        return self.reason

    def begin(self, cell):
        """From now on `cell` runs; what runs already was started by the cells before it."""
        self._note(descendants(self.pid))
        self.cell = cell

    def quiet(self):
        """Whether no process is there but the kernel's first ones, and they compute nothing."""
        processes = descendants(self.pid)
        before, _ = time_used([self.pid, *processes])
        time.sleep(QUIET_SECONDS)
        after, asleep = time_used([self.pid, *descendants(self.pid)])
        alone = self.kernels.issuperset(processes)
        return alone and asleep and after - before <= QUIET_SHARE * QUIET_SECONDS

    def _go_on(self):
        if self.group:  # which takes Linux some milliseconds
            self.group.take([self.pid, *descendants(self.pid)])
        while not self.over.wait(WATCH_SECONDS) and self.alive():
            processes = descendants(self.pid)
            self._note(processes)
            self._look_at_time([self.pid, *processes])
            if self._too_much(processes):
                for child in descendants(self.pid):
                    kill(child)
                return

    def _look_at_time(self, processes):
        self.clock.look(time.monotonic(), *time_used([*processes]))

    def _note(self, processes):
        for one in processes:
            if one not in self.kernels:
                self.started_by.setdefault(one, self.cell)

    def _too_much(self, processes):
        """Whether it uses too much; then `reason` and `whose` say of what and whose doing it is."""
        limit, most = self.limits.memory, 2 * self.limits.scratch
        loose = self.started.loose()
        used = memory_by_process([self.pid, *processes], limit - loose) | {NOBODY: loose}
        if sum(used.values()) > limit:
            self.whose = self._largest(used)
            self.reason = self._memory_used_up()
        elif self.started.disk() > most:  # its home and its temporary files
            self.whose = self.cell
            self.reason = f"it wrote more than {most // MIB} MiB of files"
        return self.reason is not None

    def _memory_used_up(self):
        return f"it used more than {self.limits.memory / 2**30:.3g} GiB of memory"

    def _largest(self, used):
        """The cell whose processes use the most."""
        total, cells = Counter(), {}
        for process, size in used.items():
            cell = self.started_by.get(process, self.cell)
            total[id(cell)] += size
            cells[id(cell)] = cell
        return cells[total.most_common(1)[0][0]]

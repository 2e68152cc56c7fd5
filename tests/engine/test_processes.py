"""Processes of students end at any moment, also while the grader looks at them."""

import subprocess
import threading

from autograder.engine.walls.memory import memory_by_process
from autograder.engine.walls.processes import children, descendants


def looked_at(processes, look):
    """What `look(pid)` raised while one process after another came and went."""
    failures = []
    for _ in range(processes):
        process = subprocess.Popen(["true"])
        reaper = threading.Thread(target=process.wait)
        reaper.start()
        while reaper.is_alive():
            try:
                look(process.pid)
            except OSError as error:
                failures.append(error)
        reaper.join()
    return failures


def test_process_may_end_while_it_is_looked_at():
    assert looked_at(200, children) == []
    assert looked_at(200, lambda pid: memory_by_process([pid], 0)) == []


def test_children_of_children_are_found_until_they_end():
    script = "sleep 60 & (sleep 60 & echo; wait)"
    shell = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True)
    shell.stdout.readline()
    below = descendants(shell.pid)
    assert len(children(shell.pid)) == 2
    assert len(below) == 3
    for pid in [*below, shell.pid]:
        subprocess.run(["kill", "-9", str(pid)], check=True)
    shell.communicate()
    assert descendants(shell.pid) == []

"""Keeps a pool busy: a bounded number of tasks under way, dead workers' tasks tried again."""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait

from autograder.classroom.tasks import grade_task
from autograder.course import CourseError
from autograder.engine.grade import failure, ungraded
from autograder.engine.walls.sandbox import SandboxError

DEATHS = 2  # of its worker while nothing else was under way, and it is tried no more
TOGETHER = 50  # results in one list, at most: so many are on their way to the disk
STARTS = 3  # of a pool whose workers end without any task, before the run stops
REFUSALS = 3  # hosts that can't run a task's kernels, before the run stops
KILLED = "not graded: its worker died {} times while grading it; look at it before `--force`"


class Attempt:
    """A task on its way, and what has happened to it so far."""

    def __init__(self, task):
        self.task, self.unit = task, None
        self.alone = False  # whether it is tried with nothing else under way
        self.deaths = self.refusals = 0


class Runner:
    """Grades tasks in a pool; `units` are the released units by their digests."""

    def __init__(self, pool, units, grade=grade_task):
        self.pool, self.units, self.grade = pool, units, grade
        self.flying = {}  # future -> Attempt
        self.again = deque()  # to be tried again
        self.suspects = deque()  # were under way when a worker died: tried one at a time

    def results(self, tasks):
        """Yield (task, `Result`) of each task as it is done, in any order; see `groups`."""
        for group in self.groups(tasks):
            yield from group

    def groups(self, tasks):
        """Yield lists of (task, `Result`): what came while the list before was dealt with.

        Nothing waits for a list to fill. `tasks` is read only as far as there is room. A task
        whose worker dies is tried again, alone; the second time that it dies then, it gets a
        result that says so. Raises `CourseError` where hosts can't run kernels.
        """
        tasks = iter(tasks)
        try:
            while self._fill(tasks):
                done, _ = wait(self.flying, return_when=FIRST_COMPLETED)
                # In the order of sending, not of the set: those to be tried again stay in turn.
                done = [future for future in self.flying if future in done]
                yield from self._group(done[:TOGETHER])
        finally:
            for future in self.flying:
                future.cancel()

    def _group(self, done):
        """Yield the list of what landed, if anything did; then raise what stops the run."""
        group, problem = [], None
        try:
            for one in self._landed(done):
                group.append(one)
        except CourseError as error:
            problem = error
        if group:
            yield group
        if problem:
            raise problem

    def _fill(self, tasks):
        """Send off what there is room for; False when nothing is under way any more."""
        if self.suspects:
            if not self.flying:
                attempt = self.suspects.popleft()
                attempt.alone = True
                self._send(attempt)
            return True
        while len(self.flying) < self.pool.in_flight and not self.suspects:
            if self.again:
                self._send(self.again.popleft())
            elif (task := next(tasks, None)) is not None:
                self._send(Attempt(task))
            else:
                break
        return bool(self.flying or self.suspects)

    def _send(self, attempt):
        try:
            future = self.pool.submit(self.grade, attempt.task, attempt.unit)
        except self.pool.broken:
            if not self.flying:  # else these come back first: the cause may be among them
                self._ensure_workers()
            self.suspects.append(attempt)
            return
        self.flying[future] = attempt

    def _landed(self, done):
        for future in done:
            attempt = self.flying.pop(future)
            try:
                result = future.result()
            except self.pool.broken:
                result = self._died(attempt)
            except CancelledError:
                raise CourseError(self.pool.lost) from None
            except SandboxError as problem:
                result = self._refused(attempt, problem)
            except Exception as error:  # such as a result that can't travel
                result = failure(self._unit(attempt), error, attempt.task.seed)
            else:
                if result is None:
                    attempt.unit = self._unit(attempt)
                    self._later(attempt)
            if result is not None:
                yield attempt.task, result

    def _died(self, attempt):
        """Its worker died; because of another task, perhaps, unless it was alone."""
        if attempt.alone:
            self.pool.renew()
            attempt.deaths += not self.pool.guiltless
        if attempt.deaths < DEATHS:
            self.suspects.append(attempt)
            return None
        self._ensure_workers()
        reason = KILLED.format(attempt.deaths)
        return ungraded(self._unit(attempt), reason, attempt.task.seed)

    def _refused(self, attempt, problem):
        """Its host can't run kernels; another one may."""
        attempt.refusals += 1
        if attempt.refusals == REFUSALS:
            raise CourseError(str(problem)) from None
        self._later(attempt)

    def _later(self, attempt):
        """Try it again; alone, as long as it may be what ends workers."""
        (self.suspects if attempt.alone else self.again).append(attempt)

    def _ensure_workers(self):
        """Raise `CourseError` where workers die without any task: no student loses by that."""
        for _ in range(STARTS):
            self.pool.renew()
            try:
                self.pool.submit(int).result()
                return
            except CancelledError:
                raise CourseError(self.pool.lost) from None
            except self.pool.broken:
                continue
        raise CourseError(
            "the worker processes end as soon as they start\n"
            "  is there enough memory for them? try fewer: --workers 1"
        )

    def _unit(self, attempt):
        return self.units[attempt.task.unit]

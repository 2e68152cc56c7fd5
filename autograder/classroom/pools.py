"""Where tasks run: in this process, in processes of this machine, or on a cluster.

A pool makes executors of `concurrent.futures` and makes a new one where the old one broke;
the runner knows nothing else about it.
"""

import atexit
import gc
import logging
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress

from autograder.classroom.parcels import pack, unpacked
from autograder.course import CourseError
from autograder.engine.walls.processes import is_ending
from autograder.engine.walls.sandbox import SandboxError
from autograder.engine.walls.temporary import new_folder, remove_folder
from autograder.engine.walls.tiers import backend_of
from autograder.engine.walls.warm import SharedTemplates, use_templates_in
from autograder.settings import Grading

PRELOADED = (  # by the server that workers are forked from
    "autograder.classroom.uncollected",
    "autograder.cli",  # the main module
    "autograder.classroom.tasks",
    "autograder.engine.run",
    "autograder.engine.judging.shown",
    "coursekit.pictures",  # with what draws them: a failed check shows one
    "matplotlib.pyplot",
)
PRELOADED_FOR_PAGES = ("autograder.cli", "autograder.config", "autograder.report.pages")
PAGES_PER_WORKER = 30  # it takes as long to start and to make its first page
COUNT_SECONDS = 5  # between two looks at how many workers there are
JOIN_SECONDS = 30  # for a scheduler to answer and a worker to join
MOST_SERVERS = 5  # that were ended while a pool used them, before it gives up
LOST = "the workers were lost; what was done is recorded\n  run the same command again"
UNSTEADY = (
    "the processes that grade are ended from outside, again and again; what was done is recorded\n"
    "  is there enough memory for them? try fewer: --workers 1"
)


class HerePool(Executor):
    """Runs each task in this process at once: for a few, and for tests."""

    in_flight = 1
    broken = ()
    lost = LOST
    guiltless = False

    def submit(self, function, /, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def expect(self, settings):
        """Nothing to do: what kernels need starts with the first of them."""

    def renew(self):
        """Nothing to do: it can't break without this process."""


def start_server(units, modules=PRELOADED):
    """Start the process that forks workers; it imports while this one goes on.

    So what workers import is done and in memory once. This process has threads, and forking it
    is not safe. A server that is there already stays as it is.
    """
    from multiprocessing import forkserver  # only where there are kernels

    hidden = [f"autograder.hidden.{unit.topic}" for unit in units]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*modules, *hidden])
    forkserver.ensure_running()
    return context


def _server():
    """The process id of the server, as it was last found running."""
    from multiprocessing import forkserver

    return forkserver._forkserver._forkserver_pid


_early = []  # `SharedTemplates` that no pool has taken over yet


def expect_early(settings):
    """Start what kernels will be forked from, before there is a pool for them.

    settings: those that the first kernels will probably be started with; a wrong guess costs
    nothing but time.
    """
    with suppress(SandboxError):  # the pool will say it
        if backend_of(settings.walls).forks:
            templates = SharedTemplates()
            atexit.register(templates.close)
            templates.expect(settings)
            _early.append(templates)


class LocalPool:
    """Processes of this machine, all of which end when the pool does, whatever ends it."""

    broken, lost = (BrokenProcessPool,), LOST

    def __init__(self, workers, units=(), modules=PRELOADED):
        """What workers have imported: `modules`, and hidden tests of the units to be graded."""
        self.workers, self.units, self.modules = workers, units, modules
        # One more for every second worker: nobody waits while a result is recorded, and few
        # are under suspicion when a worker dies.
        self.in_flight = workers + (workers + 1) // 2
        self.executor = self.server = None
        self.ended = 0  # servers, while workers of theirs were needed
        self.guiltless = False  # whether the last workers ended with their server

    def __enter__(self):
        self.templates = _early.pop() if _early else SharedTemplates()
        self.parcels = new_folder("parcels")
        self.renew()
        return self

    def __exit__(self, *_):
        self._end()
        self.templates.close()
        remove_folder(self.parcels)

    def submit(self, function, /, *arguments):
        try:
            return unpacked(self.executor.submit(pack, self.parcels, function, *arguments))
        except (EOFError, OSError) as error:  # the server ended while it was asked for a worker
            raise BrokenProcessPool(str(error)) from None

    def expect(self, settings):
        """Start what the kernels of the tasks to come will be forked from, for all workers."""
        if backend_of(settings.walls).forks:
            self.templates.expect(settings)

    def renew(self):
        """Start again with new processes; what was under way is lost.

        Raises `CourseError` where the server they are forked from ends again and again.
        """
        self._end()
        if self.server and is_ending(self.server):  # or it would be taken for a live one
            os.waitid(os.P_PID, self.server, os.WEXITED | os.WNOWAIT)
        context = start_server(self.units, self.modules)
        self.guiltless = self.server not in (None, _server())
        self.server, self.ended = _server(), self.ended + self.guiltless
        if self.ended == MOST_SERVERS:
            raise CourseError(UNSTEADY)
        theirs, self.lifeline = context.Pipe(duplex=False)
        self.executor = ProcessPoolExecutor(
            self.workers,
            mp_context=context,
            initializer=_begin,
            initargs=(theirs, self.templates.folder),
        )

    def _end(self):
        if self.executor is not None:
            self.lifeline.close()  # ends the workers, and with them their sandboxes
            self.executor.shutdown(cancel_futures=True)
            self.executor = None


def _begin(lifeline, templates):
    """First thing in a worker: end with the main process, leave Ctrl-C to it."""
    use_templates_in(templates)
    gc.freeze()  # the server's modules are here for good; looking through them takes long
    gc.enable()
    # Not SIG_IGN: the kernels would inherit that.
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline):
    lifeline.poll(None)  # until the other end is closed, also by a kill -9
    os._exit(0)


class ClusterPool:
    """The workers of a Dask cluster; they go on living when the pool ends."""

    def __init__(self, scheduler):
        try:
            from distributed import Client, KilledWorker
        except ImportError:
            raise CourseError(
                "grading on a cluster needs the package distributed\n"
                "  install it: pip install '.[cluster]', here and on every worker host"
            ) from None
        self.scheduler, self.client_class, self.broken = scheduler, Client, (KilledWorker,)
        self.guiltless = False
        self.lost = (
            f"the scheduler at {scheduler} was lost; what was done is recorded\n"
            "  start it and its workers, and run the same command again"
        )
        self.counted = -COUNT_SECONDS

    def __enter__(self):
        try:
            self.client = self.client_class(
                self.scheduler, timeout=JOIN_SECONDS, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise CourseError(
                f"no scheduler answers at {self.scheduler}: {error}\n"
                "  start one: dask scheduler --port 8786"
            ) from None
        try:
            self.client.wait_for_workers(1, timeout=JOIN_SECONDS)
        except TimeoutError:
            self.client.close()
            raise CourseError(
                f"the scheduler at {self.scheduler} has no workers\n"
                f"  start some: dask worker {self.scheduler} --nworkers -1 --nthreads 1"
            ) from None
        # When the scheduler is lost it tells so with tracebacks; our own words follow then.
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        self.renew()
        return self

    def __exit__(self, *_):
        if self.client.status == "running":
            self.executor.shutdown(wait=False)  # cancels what is under way
        self.client.close()

    def expect(self, settings):
        """Nothing to do: each worker starts what its kernels need."""

    @property
    def in_flight(self):
        """Two for each worker, for the way to it takes time; workers come and go."""
        if time.monotonic() > self.counted + COUNT_SECONDS:
            with self._scheduler():
                self.workers = max(1, sum(self.client.nthreads().values()))
            self.counted = time.monotonic()
        return 2 * self.workers

    def submit(self, function, /, *arguments):
        with self._scheduler():
            return self.executor.submit(function, *arguments)

    def renew(self):
        """Dask starts dead workers anew by itself."""
        self.executor = self.client.get_executor(pure=False)

    @contextmanager
    def _scheduler(self):
        """Inside the block the scheduler is needed; raises `CourseError` where it is lost.

        Dask would wait for another one; but it has cancelled what was under way already.
        """
        if self.client.status != "running":
            raise CourseError(self.lost)
        try:
            yield
        except Exception as error:
            if self.client.status == "running" and not isinstance(error, OSError):
                raise
            raise CourseError(self.lost) from None


def usable_cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def pool_for(course, units=(), workers=None, scheduler=None):
    """The pool that the command line asks for; raises `CourseError` where it can't work.

    units: those that will be graded, whose hidden tests the workers have then imported.
    """
    if scheduler:
        return ClusterPool(scheduler)
    try:
        backend_of(Grading(config=course.config).sandbox)  # not when the first worker has started
    except SandboxError as problem:
        raise CourseError(str(problem)) from None
    if not hasattr(os, "fork"):
        return HerePool()
    return LocalPool(workers or usable_cores(), units)


def pool_for_pages(number, workers=None):
    """The pool that makes a number of feedback pages; for a few there are no workers."""
    workers = min(workers or usable_cores(), number // PAGES_PER_WORKER)
    if workers < 2 or not hasattr(os, "fork"):
        return HerePool()
    return LocalPool(workers, modules=PRELOADED_FOR_PAGES)

"""Writes the feedback pages of a class: one exporter in each process, pages beside each other."""

import os
import shutil
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from autograder import host_faults
from autograder.course import Course
from autograder.report.feedback import PutGrades


class Pages:
    """Writes pages of one course, with one exporter and one open gradebook; a context manager."""

    def __init__(self, course):
        self.course = course
        self.nbgraders = GenerateFeedback(coursedir=course.coursedir, config=course.config)
        self.exporter = self.nbgraders.exporter_class(
            parent=self.nbgraders, config=self.nbgraders.config
        )
        self.gradebook = course.gradebook()
        for step in self.nbgraders.preprocessors:
            if step is PutGrades:
                step = PutGrades(parent=self.exporter)
                step.gradebook = self.gradebook
            self.exporter.register_preprocessor(step)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gradebook.close()

    def write(self, unit, student):
        """Write a student's page and what else lies beside the graded notebook; returns its path.

        None where there is nothing to show or it can't be shown: that costs this page only. Faults
        of the host (`host_faults`) are raised: they are no page's. Each file is replaced in one
        step, so an old page is whole until the new one is there.
        """
        graded = self.course.notebook("autograded", unit, student)
        folder = self.course.folder("feedback") / student / unit.assignment
        page = folder / f"{unit.topic}.html"
        try:
            text = self._text(graded)
            for path in self._beside(graded):
                self._replace(folder / path.relative_to(graded.parent), path.read_bytes())
            self._replace(page, text.encode("utf-8"))
        except Exception as error:
            if host_faults.told(error):
                raise
            return None
        return page

    def _text(self, graded):
        resources = self.nbgraders.init_single_notebook_resources(str(graded))
        try:
            text, _ = self.exporter.from_filename(str(graded), resources=resources)
        finally:
            self.gradebook.db.remove()  # the next page is to see what was recorded meanwhile
        return text

    def _beside(self, graded):
        """Files that nbgrader copies: the time of the hand-in.

        nbgrader's own search takes the names of folders for patterns: in one like `[ada]` it would
        find the graded notebook with its hidden tests.
        """
        ignored = [*self.course.coursedir.ignore, "*.ipynb"]
        for folder, folders, files in os.walk(graded.parent):
            folders[:] = _without(ignored, folders)
            yield from (Path(folder, name) for name in _without(ignored, files))

    def _replace(self, path, data):
        draft = drafts(self.course) / str(os.getpid())
        draft.parent.mkdir(exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.chmod(int(str(self.nbgraders.permissions), 8))
        os.replace(draft, path)


def _without(patterns, names):
    return [one for one in names if not any(fnmatch(one, pattern) for pattern in patterns)]


def drafts(course):
    """The folder of what is being written: where no student's page is looked for."""
    return course.work / ".feedback_drafts"


def write_feedback(course, unit, student):
    """Write one student's feedback page and return its path; None if it can't be made."""
    try:
        with Pages(course) as pages:
            return pages.write(unit, student)
    finally:
        shutil.rmtree(drafts(course), ignore_errors=True)


# --- a class -------------------------------------------------------------------------------

_open = {}  # the `Pages` of this process by its course's folder


def page_task(root, overrides, unit, student):
    """What a worker does: write a page, return its path or None."""
    if root not in _open:
        _open[root] = Pages(Course(root, overrides))
    return _open[root].write(unit, student)


def write_pages(course, wanted, pool):
    """Write the pages of (unit, student) in a pool; yield (unit, student, path or None).

    In any order, as they are done. The pool ends with the last page, or when this is closed.
    """
    try:
        with pool:
            yield from PageRun(course, wanted, pool).results()
    finally:  # when no worker writes any more
        if pages := _open.pop(str(course.root), None):  # of a pool without workers
            pages.gradebook.close()
        shutil.rmtree(drafts(course), ignore_errors=True)


class PageRun:
    """Keeps a pool busy with pages; `wanted` are (unit, student)."""

    def __init__(self, course, wanted, pool):
        self.course, self.pool = course, pool
        self.waiting, self.flying, self.suspects = deque(wanted), {}, deque()

    def results(self):
        """Yield (unit, student, path or None).

        When a worker dies, what was under way is tried again alone: only the page that ends its
        worker twice is lost.
        """
        while self.waiting or self.flying or self.suspects:
            self._fill()
            done, _ = wait(self.flying, return_when=FIRST_COMPLETED)
            yield from self._landed(done)
            while self.suspects and not self.flying:
                one = self.suspects.popleft()
                yield *one, self._alone(one)

    def _send(self, one):
        return self.pool.submit(page_task, str(self.course.root), self.course.overrides, *one)

    def _fill(self):
        while self.waiting and not self.suspects and len(self.flying) < self.pool.in_flight:
            one = self.waiting.popleft()
            try:
                self.flying[self._send(one)] = one
            except self.pool.broken:
                self.suspects.append(one)

    def _landed(self, done):
        for future in done:
            one = self.flying.pop(future)
            try:
                page = future.result()
            except self.pool.broken:
                self.suspects.append(one)
            else:
                yield *one, page

    def _alone(self, one):
        """Try it with nothing else under way; again where the fault was the server's."""
        while True:
            self.pool.renew()
            try:
                return self._send(one).result()
            except self.pool.broken:
                self.pool.renew()
            if not self.pool.guiltless:
                return None

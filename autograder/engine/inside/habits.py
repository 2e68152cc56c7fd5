"""What notebooks do that were made for other places: commands, magics, cells that fail halfway.

In Colab, on Kaggle and on a desk with a network and a person at it more works than here. None of
that may cost the rest of a cell; what is left out is said in its output and to the grader.
"""

import ast
import contextlib
import sys
import time
from functools import partial

from IPython.core.error import UsageError

PACKAGES = ("pip", "conda", "mamba", "micromamba", "uv")  # magics that install
# Magics that set something up for what comes: where they can't, the cell goes on without.
SETS_UP = ("load_ext", "reload_ext", "unload_ext", "matplotlib", "pylab", "config", "gui")
AFTER_SECONDS = 0.5  # for the definitions of a cell that was stopped; the grader waits for them


class Habits:
    """A part of the shell; `beside(name)` is a module of this folder."""

    ran = 0  # statements of the cell that runs

    def __init__(self, **options):
        super().__init__(**options)
        self.left_out = set()  # of the cell that runs, in words that the grader knows
        for name in PACKAGES:
            self.register_magic_function(partial(self._no_packages, name), "line", name)
        self.register_magic_function(self._time_cell, "cell", "time")

    def debugger(self, force=False):
        """Nobody is there to answer it."""
        self._say("no debugger: nobody answers it while grading")

    def system(self, cmd):
        """`!command`: what it prints is printed; there is no terminal."""
        cmd = self.var_expand(cmd, depth=1)
        try:
            self.user_ns["_exit_code"] = self.beside("commands").run(cmd)
        except OSError as error:  # no further process, or no memory for one
            self._say(f"{cmd.split(maxsplit=1)[0]}: could not be started: {error}")

    def _no_packages(self, name, line):
        self.left_out.add("packages")
        self._say(f"%{name}: {self.beside('commands').SENTENCE}")

    def run_line_magic(self, magic_name, line, _stack_depth=1):
        """As ever; but without a magic, or with what it sets up elsewhere, the cell goes on."""
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except Exception as error:
            missing = isinstance(error, UsageError) and self.find_line_magic(magic_name) is None
            if not missing and magic_name not in SETS_UP:
                raise
            self._leave_out(f"%{magic_name}", error)

    def run_cell_magic(self, *given):  # no names of its own: "{name}" in a magic's line reads them
        """As ever; but where there is no such magic nothing of the cell runs, and that is noted."""
        try:
            return super().run_cell_magic(*given)
        except UsageError as error:
            if self.find_cell_magic(given[0]) is not None:
                raise
            self._leave_out(f"%%{given[0]}", error)

    def _leave_out(self, what, error):
        self.left_out.add("magics")
        self._say(f"{what}: left out, it isn't there while grading ({error})")

    def _say(self, sentence):
        print(sentence, file=sys.stderr)

    def _time_cell(self, line, cell):
        """%%time: a cell like any other, and how long it took."""
        start, busy = time.perf_counter(), time.process_time()
        self.run_cell(cell)
        now = time.perf_counter() - start
        print(f"CPU times: {time.process_time() - busy:.3g} s\nWall time: {now:.3g} s")

    # --- what of a cell runs where it fails ---

    async def run_ast_nodes(self, nodelist, cell_name, *given, **options):
        """As ever; after a statement that fails, the imports and definitions below it."""
        nodes, before = list(nodelist), self.ran
        self._offer_stand_ins(nodes)
        self.ran = 0
        failed = await super().run_ast_nodes(nodelist, cell_name, *given, **options)
        ran, self.ran = self.ran, before
        if failed:
            later = self.beside("partly").after(nodes, ran, self._is_definition)
            self._run_each(later, cell_name, AFTER_SECONDS if self.outbox.stopped else None)
        return failed

    async def run_code(self, code_obj, result=None, *, async_=False):
        """As ever, counted."""
        self.ran += 1
        return await super().run_code(code_obj, result, async_=async_)

    def define(self, source):
        """Run a cell's imports and definitions and nothing else of it."""
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            source = self.transform_cell(self.beside("partly").unwrapped(source))
            nodes = ast.parse(source).body
            self._offer_stand_ins(nodes)
            name = self.compile.cache(source, self.execution_count)
            self._run_each(list(filter(self._is_definition, nodes)), name)

    def _offer_stand_ins(self, nodes):
        if self.beside("elsewhere").needed(nodes):
            self.beside("elsewhere").offer()
            self.left_out.add("elsewhere")

    def _is_definition(self, node):
        return self.beside("definitions").is_definition(node)

    def _run_each(self, nodes, cell_name, seconds=None):
        with self.beside("partly").time_limit(seconds if nodes else None):
            self.beside("partly").run_each(self, nodes, cell_name)

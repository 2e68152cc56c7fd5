"""The `autograder` command: its verbs and their options.

What the verbs do is in `verbs.py`, which imports for a second; meanwhile the processes that grade
begin with what they import.
"""

import argparse
import gc
import glob
import os
import sys

from autograder import host_faults
from autograder.course import Course, CourseError
from autograder.engine.walls.sandbox import WALLS

EXIT_CODES = """\
exit codes:
  0  done
  1  release --check: release/ is not what the sources produce
  2  wrong usage, a file that isn't a unit's, or a course that has to be put right first
  3  done, but some submissions could not be graded as they are: see the notes
  130  stopped by Ctrl-C
"""

VERBS = {  # what they do; how is in `verbs.py`
    "release": "Build the student versions, or compare them with what is committed.",
    "grade": "Grade submissions, print the class table; or one file, recording nothing.",
    "try": "Grade one file of your own, without a class: print its points, write its page.",
    "feedback": "Write feedback pages.",
    "export": "Write the gradebook as CSV.",
    "new-unit": "Begin the next unit: a notebook with one exercise, its check, hidden test and "
    "mistake.",
    "new-question": "Begin a question: four cells at the end of a unit, its check, hidden test "
    "and mistake.",
    "setup": "Get what this host needs for grading beside Python's packages, as far as that can "
    "be got.",
    "doctor": "Tell whether this host can grade safely, by trying it.",
    "demo": "The whole job for a sample class, in a course of its own: work/demo/.",
}


def main(arguments=None):
    """Run one verb and return the exit code."""
    options, course = _parser().parse_args(arguments), None
    try:
        course = _course(options)
        if arguments is None:  # a process of our own, which does nothing else
            gc.disable()  # until all is imported: it would look for garbage among modules
            _begin_early(course, options)
        return _run(course, options)
    except CourseError as problem:
        _complain(problem)
        return 2
    except Exception as error:
        told = host_faults.told(error, course)
        if told is None:
            raise
        _complain(told)
        return 2
    except KeyboardInterrupt:
        print("autograder: stopped; what was graded before is recorded", file=sys.stderr)
        return 130


def _complain(problem):
    """Say what ends the command; it may name what was handed in."""
    from autograder.engine.reading.inert import plain

    print(f"autograder: {plain(str(problem))}", file=sys.stderr)


def _course(options):
    """The course around the working directory; None where a verb can do without and none is."""
    try:
        return Course.find()
    except CourseError:
        if options.needs_course:
            raise
        return None


def _begin_early(course, options):
    """Let workers and kernels import what they need while this process does the same."""
    if options.verb != "grade" or options.json or options.scheduler or not hasattr(os, "fork"):
        return
    if units := _handed_in(course, options):
        from autograder.classroom.pools import expect_early, start_server

        start_server(units)  # first: it takes the longest
        from autograder.engine.walls.sandbox import AUTO
        from autograder.settings import Grading
        from autograder.student_version import without_tests

        if first := without_tests(course, units[0]):
            expect_early(Grading(sandbox=options.sandbox or AUTO).settings(first))


def _handed_in(course, options):
    """The units of which there is something to grade, where submissions usually lie."""
    submitted = course.root / "work" / "submitted"
    student = glob.escape(options.student) if options.student else "*"
    chosen = course.chosen(options.assignment)
    return [unit for unit in chosen if any(submitted.glob(f"{student}/{unit.assignment}"))]


def _run(course, options):
    from rich.console import Console

    from autograder import verbs

    if not gc.isenabled():  # a process of our own
        gc.freeze()  # modules stay to the end, where looking through them takes long, too
        gc.enable()
    run = getattr(verbs, "run_" + options.verb.replace("-", "_"))
    return run(course, options, Console(markup=False, highlight=False))


def _parser():
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release, grade and report the units of the course around this folder.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    verb = _verb(verbs, "release", ["", "--assignment 01_convolution --check"])
    verb.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")

    examples = [
        "",
        "--assignment convolution --student ada",
        "--workers 4 --force",
        "--scheduler tcp://head:8786",
        "--json convolution.ipynb",
    ]
    verb = _verb(verbs, "grade", examples)
    _student(verb)
    verb.add_argument(
        "--json", metavar="FILE", help="print the result of this notebook as JSON, record nothing"
    )
    _grading(verb)
    verb.add_argument(
        "--force", action="store_true", help="grade also what has not changed since it was graded"
    )
    _running(verb)

    examples = ["homework.ipynb", "homework.ipynb --assignment convolution --to page.html"]
    verb = _verb(verbs, "try", examples)
    verb.add_argument("file", metavar="FILE", help="a notebook, whatever its name")
    verb.add_argument("--to", metavar="PAGE", help="the page (default: FILE's name with .html)")
    _grading(verb)

    verb = _verb(verbs, "feedback", ["", "--assignment 1 --student ada", "--workers 4"])
    _student(verb)
    _workers(verb)

    verb = _verb(verbs, "export", ["--to grades.csv", "--assignment 1 --to unit1.csv"])
    _student(verb)
    verb.add_argument("--to", default="grades.csv", metavar="FILE", help="default: grades.csv")

    verb = _verb(verbs, "new-unit", ["pooling"], one_unit=False)
    verb.add_argument("topic", metavar="TOPIC", help="names the notebook and its three modules")

    examples = ["convolution conv3d", "6 global_average"]
    verb = _verb(verbs, "new-question", examples, one_unit=False)
    verb.add_argument("unit", metavar="UNIT", help="'01_convolution', 'convolution' or '1'")
    verb.add_argument("name", metavar="NAME", help="names the student's answer and its tests")

    for name in ("setup", "doctor"):
        _verb(verbs, name, [""], one_unit=False).set_defaults(needs_course=False)

    verb = _verb(verbs, "demo", ["", "--assignment 1"])
    _running(verb)
    return parser


def _verb(verbs, name, examples, one_unit=True):
    """Add a verb whose help says what it does and shows examples."""
    shown = "\n".join(f"  autograder {name} {example}".rstrip() for example in examples)
    verb = verbs.add_parser(
        name,
        help=VERBS[name],
        description=VERBS[name],
        epilog=f"examples:\n{shown}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(verb=name, needs_course=True)
    if one_unit:
        verb.add_argument(
            "--assignment", metavar="UNIT", help="'01_convolution', 'convolution' or '1'"
        )
    return verb


def _student(verb):
    verb.add_argument("--student", metavar="ID", help="only this student")


def _grading(verb):
    verb.add_argument(
        "--sandbox",
        choices=WALLS,
        help="walls around the students' kernels (default: the strongest that this host has)",
    )
    verb.add_argument(
        "--seed", type=int, metavar="N", help="seed of the hidden inputs (default: a fresh one)"
    )


def _workers(verb):
    verb.add_argument(
        "--workers", type=_positive, metavar="N", help="processes here (default: one for each core)"
    )


def _running(verb):
    _workers(verb)
    verb.add_argument(
        "--scheduler", metavar="ADDRESS", help="grade on the workers of this Dask scheduler"
    )
    verb.add_argument("--quiet", action="store_true", help="no progress, only what came out")
    verb.add_argument("--table", action="store_true", help="all rows, also of a large class")


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it has to be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

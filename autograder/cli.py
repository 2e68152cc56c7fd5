"""The `autograder` command."""

import argparse
import json
import sys
import warnings
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import track
from sqlalchemy.exc import SAWarning

from autograder.alone import try_file
from autograder.authoring.scaffold import new_question, new_unit, refuse_another_clone, told
from autograder.classroom.done import Done
from autograder.classroom.grading import Choice, chosen_students, grade_file, grade_students
from autograder.classroom.lock import only_run
from autograder.classroom.pools import pool_for
from autograder.classroom.progress import Tally
from autograder.classroom.record import done_path
from autograder.course import Course, CourseError
from autograder.demo import demo_course
from autograder.engine.walls.doctor import examine
from autograder.engine.walls.sandbox import FENCE, NONE, WALLS, SandboxError
from autograder.engine.walls.tiers import backend_of
from autograder.host_setup import set_up, tell_walls
from autograder.release.build import release, stale
from autograder.report.csv_export import QuestionCsv
from autograder.report.feedback import write_feedback
from autograder.report.rows import grading_of, rows
from autograder.report.summary import print_questions, print_what_to_look_at, question_numbers
from autograder.report.table import print_table
from autograder.sample_class import make_sample_class
from autograder.settings import Grading

EXIT_CODES = """\
exit codes:
  0  done
  1  release --check: release/ is not what the sources produce
  2  wrong usage, a file that isn't a unit's, or a course that has to be put right first
  3  done, but some submissions could not be graded as they are: see the notes
  130  stopped by Ctrl-C
"""

LARGE = 40  # students; the table of a larger class is printed on demand

NO_WALLS = """\
autograder: WARNING: grading without a sandbox.
  The students' code can read, change and send whatever you can: other submissions, the
  gradebook, your files. Verdicts are still formed outside their kernels. Use this only for
  code that you would run yourself.
"""


SECOND_TIER = """\
autograder: students' code runs behind the second tier of walls here (Landlock), for this host has
  no bubblewrap or refuses namespaces; `autograder doctor` says what helps, and what they don't hold
"""


DEMO_WITHOUT_WALLS = """\
autograder: this host builds no walls around students' code, so the demo grades without any: its
  sample class is code that this program wrote itself. Before you grade anybody else's code:
"""


def main(arguments=None):
    """Run one verb and return the exit code."""
    options = _parser().parse_args(arguments)
    # nbgrader's own use of SQLAlchemy; nothing an instructor could act on.
    warnings.filterwarnings("ignore", module=r"nbgrader\.", category=SAWarning)
    try:
        course = _course(options)
        return options.verb(course, options, Console(markup=False, highlight=False))
    except CourseError as problem:
        print(f"autograder: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("autograder: stopped; what was graded before is recorded", file=sys.stderr)
        return 130


def _course(options):
    """The course around the working directory; None where a verb can do without and none is."""
    try:
        return Course.find()
    except CourseError:
        if options.needs_course:
            raise
        return None


def run_release(course, options, console):
    """Build the student versions, or compare them with what is committed."""
    units = _units(course, options)
    if not options.check:
        for unit in units:
            console.print(f"released {release(course, unit).relative_to(course.root)}")
        return 0
    differ = stale(course, units)
    for unit in units:
        found = "stale; run `make release`" if unit in differ else "what the source produces"
        console.print(f"{unit.assignment}: release/ is {found}")
    return 1 if differ else 0


def run_grade(course, options, console):
    """Grade submissions, print the class table; or one file, recording nothing."""
    _set_walls(course, options)
    if options.json:
        return _grade_file(course, options)
    chosen = _chosen(course, options)
    for unit in [unit for unit, students in chosen.items() if not students]:
        where = course.folder("submitted") / "<student>" / unit.assignment
        console.print(f"{unit.assignment}: no submission in {_shown(course, where)}")
        del chosen[unit]
    fresh = Choice(force=options.force)
    choice = fresh if options.seed is None else Choice(options.seed, False, options.force)
    return _grade_units(course, chosen, choice, options, console)


def run_try(course, options, console):
    """Grade one file of your own, without a class: print its points, write its page."""
    _set_walls(course, options)
    unit = course.unit(options.assignment) if options.assignment else None
    result = try_file(course, console, options.file, unit, options.to, options.seed)
    return 3 if result.notes else 0


def run_feedback(course, options, console):
    """Write feedback pages."""
    code = 0
    for unit, students in _chosen(course, options).items():
        code |= _write_feedback(course, unit, students, console)
    console.print(f"feedback pages in {_shown(course, course.folder('feedback'))}")
    return code


def run_export(course, options, console):
    """Write the gradebook as CSV."""
    assignment = course.unit(options.assignment).assignment if options.assignment else None
    _export(course, Path(options.to).resolve(), console, assignment, options.student)
    return 0


def run_demo(course, options, console):
    """The whole job for a sample class, in a course of its own: work/demo/."""
    units, chosen, choice = _units(course, options), {}, Choice()
    _walls_of_demo(course, options)
    pool = pool_for(course, units, options.workers, options.scheduler)
    with pool, demo_course(course) as demo:
        demo.config.Grading.sandbox = Grading(config=course.config).sandbox
        for unit in units:
            release(demo, unit)
            chosen[unit] = make_sample_class(demo, unit)
        tallies = _grade_all(demo, chosen, choice, options, pool, console)
        _report_all(demo, chosen, tallies, choice, options, console)
        for unit, students in chosen.items():
            _write_feedback(demo, unit, students, console)
        _export(demo, demo.work / "grades.csv", console)
    _print_what_to_open(course, demo, chosen, console)
    return 0


def _walls_of_demo(course, options):
    """Without walls where this host has none: the demo's answers are our own."""
    try:
        _tell_walls(course, options)
    except CourseError as problem:
        print(f"{DEMO_WITHOUT_WALLS}  {problem}\n", file=sys.stderr)
        course.config.Grading.sandbox = NONE


def _print_what_to_open(course, demo, chosen, console):
    """Where the demo's results are, as seen from here."""
    console.print("\nOpen next:")
    for unit, students in chosen.items():
        page = demo.folder("feedback") / students[0] / unit.assignment / f"{unit.topic}.html"
        console.print(f"  {_shown(course, page)}", soft_wrap=True)
    for path in (demo.work / "grades.csv", demo.work / "gradebook.db", demo.folder("release")):
        console.print(f"  {_shown(course, path)}", soft_wrap=True)
    folder, jupyter = _shown(course, demo.root), Path(sys.executable).with_name("jupyter")
    console.print("The same class in nbgrader's own pages:", soft_wrap=True)
    console.print(
        f"  cd {folder} && {jupyter} lab --LabApp.default_url=/formgrader", soft_wrap=True
    )


def run_new_unit(course, options, console):
    """Begin the next unit: a notebook with one exercise, its check, hidden test and mistake."""
    refuse_another_clone(course)
    unit = new_unit(course, options.topic)
    console.print(told(course, unit, "unit_next"), soft_wrap=True)
    return 0


def run_new_question(course, options, console):
    """Begin a question: four cells at the end of a unit, its check, hidden test and mistake."""
    refuse_another_clone(course)
    unit = course.unit(options.unit)
    new_question(course, unit, options.name)
    console.print(told(course, unit, "question_next"), soft_wrap=True)
    return 0


def run_setup(course, options, console):
    """Get what this host needs for grading beside Python's packages, as far as that can be got."""

    def say(text):
        console.print(text, soft_wrap=True)

    set_up(say)
    tell_walls(say)
    return 0


def run_doctor(course, options, console):
    """Tell whether this host can grade safely, by trying it."""
    findings = examine(course.hidden if course else ())
    marks = {True: "ok  ", False: "BAD ", None: "note"}
    for finding in findings:
        console.print(f"{marks[finding.good]} {finding.text}", soft_wrap=True)
    return 2 if any(finding.good is False for finding in findings) else 0


def _set_walls(course, options):
    """Take over what `--sandbox` says, and warn where there will be no walls."""
    if options.sandbox:
        course.config.Grading.sandbox = options.sandbox
    if course.config.Grading.get("sandbox") == NONE:
        print(NO_WALLS, file=sys.stderr)


def _grade_file(course, options):
    path = Path(options.json)
    unit = course.unit(options.assignment or path.stem)
    result = grade_file(course, unit, path, options.seed)
    print(json.dumps(result.as_dict(), indent=1, ensure_ascii=False))
    return 3 if result.notes else 0


def _grade_units(course, chosen, choice, options, console):
    """Grade {unit: students} in one pool of workers and report on each unit."""
    _tell_walls(course, options)
    with only_run(course), pool_for(course, chosen, options.workers, options.scheduler) as pool:
        tallies = _grade_all(course, chosen, choice, options, pool, console)
    return _report_all(course, chosen, tallies, choice, options, console)


def _grade_all(course, chosen, choice, options, pool, console):
    return {
        unit: _grade_unit(course, unit, students, choice, options, pool, console)
        for unit, students in chosen.items()
    }


def _report_all(course, chosen, tallies, choice, options, console):
    code = 0
    for unit, tally in tallies.items():
        code |= _report(course, unit, chosen[unit], tally.problems, options, console)
    if any(tally.graded for tally in tallies.values()):
        seed = choice.seed
        console.print(f"seed of the hidden tests' inputs: {seed} (repeat with --seed {seed})")
    return code


def _tell_walls(course, options):
    """Say that the walls are weaker ones, where this host grades."""
    walls = Grading(config=course.config).sandbox
    try:
        if not options.scheduler and backend_of(walls).name == FENCE:
            print(SECOND_TIER, file=sys.stderr)
    except SandboxError as problem:
        raise CourseError(str(problem)) from None


def _grade_unit(course, unit, students, choice, options, pool, console):
    with Tally(console, unit.assignment, len(students), options.quiet) as tally:
        for outcome in grade_students(course, unit, students, choice, pool):
            tally.add(outcome)
    return tally


def _report(course, unit, students, problems, options, console):
    """Print a unit's table or, of a large class, its numbers; 3 where there is more to do."""
    gradings = {student: grading_of(course, unit, student) for student in students}
    seconds = _seconds(course, unit, set(students))
    large = len(students) > LARGE and not options.table
    if not large:
        print_table(console, course, unit, rows(course, unit, students))
    if len(students) > 1:
        print_questions(console, unit, question_numbers(course, unit, seconds))
    if large:
        print_what_to_look_at(console, gradings)
        console.print("the whole table: `autograder grade --table`, or `autograder export`")
    for problem in problems:
        console.print(problem, soft_wrap=True)
    return 3 if problems or any(one["notes"] for one in gradings.values()) else 0


def _seconds(course, unit, students):
    """{question: seconds} of each submission of these students that is recorded."""
    with closing(Done(done_path(course))) as done:
        return [one for student, one in done.seconds(unit.assignment) if student in students]


def _write_feedback(course, unit, students, console):
    failed = []
    title = f"{unit.assignment} feedback"
    for student in track(students, title, console=console, transient=True):
        if not write_feedback(course, unit, student):
            failed.append(student)
    for student in failed:
        console.print(f"{student}: no feedback page; grade the submission again")
    return 3 if failed else 0


def _export(course, path, console, assignment=None, student=None):
    exporter = QuestionCsv(to=str(path))
    exporter.assignment = [assignment] if assignment else []
    exporter.student = [student] if student else []
    with course.gradebook() as gradebook:
        exporter.export(gradebook)
    console.print(f"grades in {_shown(course, path)}")


def _chosen(course, options):
    return chosen_students(course, _units(course, options), options.student)


def _units(course, options):
    units = [course.unit(options.assignment)] if options.assignment else course.units
    if not units:
        raise CourseError(f"no units: {course.notebooks} has no NN_topic/topic.ipynb")
    return units


def _shown(course, path):
    """A path as it is called from where the command runs, or from the course's folder."""
    for folder in (Path.cwd(), course.root):
        if path.is_relative_to(folder):
            return path.relative_to(folder)
    return path


def _parser():
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Release, grade and report the units of the course around this folder.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    verb = _verb(verbs, "release", run_release, ["", "--assignment 01_convolution --check"])
    verb.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")

    examples = [
        "",
        "--assignment convolution --student ada",
        "--workers 4 --force",
        "--scheduler tcp://head:8786",
        "--json convolution.ipynb",
    ]
    verb = _verb(verbs, "grade", run_grade, examples)
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
    verb = _verb(verbs, "try", run_try, examples)
    verb.add_argument("file", metavar="FILE", help="a notebook, whatever its name")
    verb.add_argument("--to", metavar="PAGE", help="the page (default: FILE's name with .html)")
    _grading(verb)

    verb = _verb(verbs, "feedback", run_feedback, ["", "--assignment 1 --student ada"])
    _student(verb)

    verb = _verb(verbs, "export", run_export, ["--to grades.csv", "--assignment 1 --to unit1.csv"])
    _student(verb)
    verb.add_argument("--to", default="grades.csv", metavar="FILE", help="default: grades.csv")

    verb = _verb(verbs, "new-unit", run_new_unit, ["pooling"], one_unit=False)
    verb.add_argument("topic", metavar="TOPIC", help="names the notebook and its three modules")

    examples = ["convolution conv3d", "6 global_average"]
    verb = _verb(verbs, "new-question", run_new_question, examples, one_unit=False)
    verb.add_argument("unit", metavar="UNIT", help="'01_convolution', 'convolution' or '1'")
    verb.add_argument("name", metavar="NAME", help="names the student's answer and its tests")

    for name, function in (("setup", run_setup), ("doctor", run_doctor)):
        _verb(verbs, name, function, [""], one_unit=False).set_defaults(needs_course=False)

    verb = _verb(verbs, "demo", run_demo, ["", "--assignment 1"])
    _running(verb)
    return parser


def _verb(verbs, name, function, examples, one_unit=True):
    """Add a verb whose help is its function's docstring and shows examples."""
    shown = "\n".join(f"  autograder {name} {example}".rstrip() for example in examples)
    verb = verbs.add_parser(
        name,
        help=function.__doc__,
        description=function.__doc__,
        epilog=f"examples:\n{shown}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(verb=function, needs_course=True)
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


def _running(verb):
    verb.add_argument(
        "--workers", type=_positive, metavar="N", help="processes here (default: one for each core)"
    )
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

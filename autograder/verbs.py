"""What the verbs of the `autograder` command do; each returns its exit code (`cli.py`)."""

import json
import sys
import warnings
from contextlib import closing
from pathlib import Path

from rich.progress import track
from sqlalchemy.exc import SAWarning

from autograder.alone import try_file
from autograder.authoring.scaffold import new_question, new_unit, refuse_another_clone, told
from autograder.classroom.done import Done
from autograder.classroom.grading import Choice, grade_file, grade_students
from autograder.classroom.lock import FEEDBACK, only_run
from autograder.classroom.pools import pool_for, pool_for_pages
from autograder.classroom.progress import Tally
from autograder.classroom.record import done_path
from autograder.classroom.survey import RENAME, surveyed
from autograder.course import CourseError
from autograder.demo import demo_course
from autograder.engine.reading.inert import plain
from autograder.engine.walls.doctor import examine
from autograder.engine.walls.sandbox import FENCE, NONE, SandboxError
from autograder.engine.walls.tiers import backend_of
from autograder.host_setup import set_up, tell_walls
from autograder.release.build import release, stale
from autograder.report.csv_export import QuestionCsv
from autograder.report.pages import write_pages
from autograder.report.rows import grading_of, rows
from autograder.report.summary import (
    print_questions,
    print_what_is_left,
    print_what_to_look_at,
    question_numbers,
)
from autograder.report.table import print_table
from autograder.sample_class import make_sample_class
from autograder.settings import Grading

# nbgrader's own use of SQLAlchemy; nothing an instructor could act on.
warnings.filterwarnings("ignore", module=r"nbgrader\.", category=SAWarning)

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


def run_release(course, options, console):
    """Build the student versions, or compare them with what is committed."""
    units = course.chosen(options.assignment)
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
    survey = _survey(course, options)
    refused, chosen = _tell_refused(survey, console), survey.students
    for unit in [unit for unit, students in chosen.items() if not students]:
        where = course.folder("submitted") / "<student>" / unit.assignment
        console.print(f"{unit.assignment}: no submission in {_shown(course, where)}")
        del chosen[unit]
    fresh = Choice(force=options.force)
    choice = fresh if options.seed is None else Choice(options.seed, False, options.force)
    code = refused | _grade_units(course, chosen, choice, options, console)
    print_what_is_left(console, _shown(course, course.folder("submitted")), survey.left)
    return code


def run_try(course, options, console):
    """Grade one file of your own, without a class: print its points, write its page."""
    _set_walls(course, options)
    unit = course.unit(options.assignment) if options.assignment else None
    result = try_file(course, console, options.file, unit, options.to, options.seed)
    return 3 if result.notes else 0


def run_feedback(course, options, console):
    """Write feedback pages."""
    survey = _survey(course, options)
    code = _tell_refused(survey, console)
    code |= _write_feedback(course, survey.students, options, console)
    console.print(f"feedback pages in {_shown(course, course.folder('feedback'))}")
    return code


def run_export(course, options, console):
    """Write the gradebook as CSV."""
    assignment = course.unit(options.assignment).assignment if options.assignment else None
    _export(course, Path(options.to).resolve(), console, assignment, options.student)
    return 0


def run_demo(course, options, console):
    """The whole job for a sample class, in a course of its own: work/demo/."""
    units, chosen, choice = course.chosen(options.assignment), {}, Choice()
    _walls_of_demo(course, options)
    pool = pool_for(course, units, options.workers, options.scheduler)
    with pool, demo_course(course) as demo:
        demo.config.Grading.sandbox = Grading(config=course.config).sandbox
        for unit in units:
            release(demo, unit)
            chosen[unit] = make_sample_class(demo, unit)
        tallies = _grade_all(demo, chosen, choice, options, pool, console)
        _report_all(demo, chosen, tallies, choice, options, console)
        _write_feedback(demo, chosen, options, console)
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
        console.print(plain(problem), soft_wrap=True)
    return 3 if problems or any(one["notes"] for one in gradings.values()) else 0


def _seconds(course, unit, students):
    """{question: seconds} of each submission of these students that is recorded."""
    with closing(Done(done_path(course))) as done:
        return [one for student, one in done.seconds(unit.assignment) if student in students]


def _write_feedback(course, chosen, options, console):
    """Write the pages of {unit: students}; 3 where some can't be made."""
    wanted = [(unit, student) for unit, students in chosen.items() for student in students]
    pages = write_pages(course, wanted, pool_for_pages(len(wanted), options.workers))
    with only_run(course, FEEDBACK), closing(pages):
        shown = track(pages, "feedback", len(wanted), console=console, transient=True)
        failed = {(unit, student) for unit, student, page in shown if not page}
    for one in wanted:
        if one in failed:
            console.print(f"{plain(one[1])}: no feedback page; grade the submission again")
    return 3 if failed else 0


def _export(course, path, console, assignment=None, student=None):
    exporter = QuestionCsv(to=str(path))
    exporter.assignment = [assignment] if assignment else []
    exporter.student = [student] if student else []
    with course.gradebook() as gradebook:
        exporter.export(gradebook)
    console.print(f"grades in {_shown(course, path)}")


def _survey(course, options):
    return surveyed(course, course.chosen(options.assignment), options.student)


def _tell_refused(survey, console):
    """Name the folders that are left out, at once; 3 where there are some."""
    for name, why in survey.refused.items():
        console.print(f"{plain(name)}: left out, {why}; {RENAME}", soft_wrap=True)
    return 3 if survey.refused else 0


def _shown(course, path):
    """A path as it is called from where the command runs, or from the course's folder."""
    for folder in (Path.cwd(), course.root):
        if path.is_relative_to(folder):
            return path.relative_to(folder)
    return path

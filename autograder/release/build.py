"""Build `release/`, or compare it with what the sources produce."""

import tempfile

from traitlets.config import Config

from autograder import host_faults
from autograder.course import Course, CourseError


def release(course, unit):
    """Generate a unit's student version and record its cells in the gradebook."""
    result = course.api.generate_assignment(unit.assignment, force=True, create=True)
    if not result["success"]:
        raise CourseError(f"{unit.assignment} was not released:\n{_explain(result)}")
    return course.notebook("release", unit)


def stale(course, units):
    """The units whose committed student version is not what the source produces now.

    They are built into one new gradebook, because nbgrader takes long to make one.
    """
    with tempfile.TemporaryDirectory() as folder:
        overrides = Config()
        overrides.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
        overrides.CourseDirectory.release_directory = f"{folder}/release"
        elsewhere = Course(course.root, overrides)
        return [
            unit
            for unit in units
            if _contents(release(elsewhere, unit).parent)
            != _contents(course.folder("release") / unit.assignment)
        ]


def _contents(folder):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _explain(result):
    """What nbgrader logged, without the traceback of its own code."""
    lines = result.get("log", "").splitlines()
    raised = [
        number
        for number, line in enumerate(lines)
        if line and not line[0].isspace() and ("Error" in line or "Missing" in line)
        and not line.startswith(("[", "Traceback"))
    ]
    text = lines[raised[-1] :] if raised else lines[-5:]
    kept = [line for line in text if not line.startswith("[")]
    if any(host_faults.DISK_FULL in line for line in lines):
        kept = [f"{host_faults.DISK_FULL}; {host_faults.MAKE_ROOM}"]
    if any("Cannot add or remove cells" in line for line in kept):
        kept.append(
            "  there are grades for the cells as they were: keep them (move work/gradebook.db "
            "away) or grade against the old release"
        )
    return "\n".join(f"  {line}" for line in kept)

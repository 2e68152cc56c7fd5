"""Source notebook -> student notebook: one ordered list of small steps.

nbgrader runs the list (`nbgrader_config.py` hands it over), so the plain command
`nbgrader generate_assignment` makes the same file as `autograder release`.
"""

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)

from autograder.release.badges import AddBadges
from autograder.release.coursekit_cell import AddCoursekitCell
from autograder.release.figures import InlineFigures
from autograder.release.leaks import CollectSecrets, ScanForLeaks
from autograder.release.tidy import RunnableStubs, StableMetadata

RELEASE_STEPS = [
    CollectSecrets,  # remember what must not come out
    AddCoursekitCell,  # the helpers, as readable text
    InlineFigures,  # assets/ -> data: URIs
    AddBadges,  # Colab and Kaggle, where a repository is configured
    LockCells,
    ClearSolutions,
    RunnableStubs,  # a stub outside a function doesn't stop "Run all"
    ClearOutput,
    StableMetadata,  # nothing that depends on who saved the source last
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,  # into the gradebook, hidden tests and mark schemes included
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
    ScanForLeaks,  # the last word
]

__all__ = ["RELEASE_STEPS"]

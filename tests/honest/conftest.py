"""The first tier tries habits in warm kernels; the second tries all of them in cold ones, too."""

from pathlib import Path

import pytest
from support.tiers import parameters

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before pytest reads the marks
def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents and parameters(item).get("kind") == "cold":
            item.add_marker(pytest.mark.thorough)

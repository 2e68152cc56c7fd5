"""A fixture for the tests of widgets."""

import matplotlib.pyplot as plt
import pytest
from support.widgets import Notebook

from coursekit.widgets import live


@pytest.fixture
def displayed(monkeypatch):
    """The outputs that widgets display as in a notebook, each a bundle of representations."""
    bundles = []
    monkeypatch.setattr(live, "get_ipython", Notebook)
    monkeypatch.setattr(live, "display", lambda bundle, raw, metadata: bundles.append(bundle))
    yield bundles
    assert plt.get_fignums() == [], "a figure was left open"

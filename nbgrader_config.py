"""nbgrader's configuration: plain `nbgrader` commands work from this folder."""

from pathlib import Path

from autograder.config import configure

c = get_config()  # noqa: F821  (nbgrader defines it)
configure(c, root=Path(__file__).resolve().parent)

# "owner/name" of the public GitHub repository that holds release/. Released notebooks get
# buttons for Colab and Kaggle as soon as it is set.
c.AddBadges.repository = ""

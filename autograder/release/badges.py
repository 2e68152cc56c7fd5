"""Buttons that open a released notebook in Colab or Kaggle."""

import nbformat.v4
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode


class AddBadges(NbGraderPreprocessor):
    """Puts the buttons above the title, where a repository is configured."""

    repository = Unicode(
        "", help="'owner/name' of the public GitHub repository; empty: no badges"
    ).tag(config=True)
    branch = Unicode("main", help="branch that holds release/").tag(config=True)

    def preprocess(self, nb, resources):
        if self.repository:
            where = resources["nbgrader"]
            path = f"release/{where['assignment']}/{where['notebook']}.ipynb"
            cell = nbformat.v4.new_markdown_cell(self._badges(path), id="badges")
            nb.cells.insert(0, cell)
        return nb, resources

    def _badges(self, path):
        place = f"{self.repository}/blob/{self.branch}/{path}"
        return (
            "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
            f"(https://colab.research.google.com/github/{place}) "
            "[![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)]"
            f"(https://kaggle.com/kernels/welcome?src=https://github.com/{place})"
        )

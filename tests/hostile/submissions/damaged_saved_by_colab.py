"""Was saved as Colab does: ids in metadata, its own form fields, no nbgrader metadata."""

import json

import nbformat.v4

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    for number, cell in enumerate(plain["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"id": f"{number:012x}"}
        if cell["cell_type"] == "code":
            cell["metadata"] |= {
                "colab": {"base_uri": "https://localhost:8080/", "height": 35},
                "outputId": f"{number:08x}-0000-4000-8000-000000000000",
                "executionInfo": {"status": "ok", "timestamp": 1700000000000, "elapsed": 12},
            }
    plain["metadata"] = {
        "colab": {"provenance": [], "collapsed_sections": ["a"], "name": "Kopie von convolution"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    plain["nbformat_minor"] = 0
    return json.dumps(plain, indent=2)

"""Was saved as Kaggle does: uuids and execution times, no nbgrader metadata."""

import json

import nbformat.v4

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    for number, cell in enumerate(plain["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {
            "_uuid": f"{number:040x}",
            "_cell_guid": f"{number:08x}-0000-4000-8000-000000000000",
            "trusted": True,
            "execution": {"iopub.status.busy": "2024-01-01T00:00:00.000000Z"},
        }
    plain["metadata"] = {
        "kaggle": {"accelerator": "none", "dataSources": [], "isGpuEnabled": False},
        "kernelspec": {"language": "python", "display_name": "Python 3", "name": "python3"},
    }
    plain["nbformat_minor"] = 4
    return json.dumps(plain, separators=(",", ":"))

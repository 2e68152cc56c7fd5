"""Was saved as VS Code does: new ids, its own language fields; all answers are right."""

import json

import nbformat.v4

PLAIN = "no points for everything, answered rightly"

BASE = "full"


def change(nb):
    plain = json.loads(nbformat.v4.writes(nb))
    for number, cell in enumerate(plain["cells"]):
        cell["id"] = f"vsc{number:05x}"
        cell["metadata"] = {"vscode": {"languageId": "python"}}
        if number % 3 == 0:
            cell["metadata"] = {}
    plain["metadata"] = {
        "kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": "3.12.1", "nbconvert_exporter": "python"},
    }
    return json.dumps(plain, indent=1)

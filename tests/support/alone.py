"""Runs a notebook as somebody does who has that file and nothing else."""

from nbclient import NotebookClient

from support.course import ROOT

# Runs in the kernel before the notebook: no repository, no network, nothing installed by us.
ISOLATE = """
import sys
def _watch(event, arguments, root={root!r}):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        if arguments[1][0] not in ("127.0.0.1", "::1", "localhost"):
            raise PermissionError("no network: " + str(arguments[1]))
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
        if not arguments[0].startswith(sys.prefix):
            raise PermissionError("no repository: " + arguments[0])
sys.path[:] = [p for p in sys.path if not p.startswith("__editable__") and p != {root!r}]
sys.meta_path[:] = [f for f in sys.meta_path if "Editable" not in getattr(f, "__name__", "")]
sys.addaudithook(_watch)
try:
    import coursekit
except ImportError:
    pass
else:
    raise SystemExit("coursekit is still there")
"""


def run_alone(nb, folder, **options):
    """Run a notebook in an empty folder, in a kernel without repository and network."""
    line = f"exec({ISOLATE.format(root=str(ROOT))!r})"
    client = NotebookClient(
        nb,
        timeout=300,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=[f"--IPKernelApp.exec_lines={line}"],
        **options,
    )
    client.execute()
    return nb


def errors(nb):
    return [
        (cell.id, output.ename, output.evalue)
        for cell in nb.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def printed(cell):
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")

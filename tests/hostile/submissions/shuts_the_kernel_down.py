"""Asks the kernel to shut down and to restart, with messages and calls, and goes on."""

PLAIN = "not graded, an error ends its grading"

BASE = "stub"
COLD = "how a cold kernel ended is told by another process"
FIRST_CELL = """
import asyncio

kernel = getattr(get_ipython(), "kernel", None)
if kernel is None:
    import gc
    server = next(one for one in gc.get_objects() if type(one).__name__ == "Server")
    for message in ({"do": "done", "id": 0}, {"end": True}, {"ready": False}, {}):
        server.send(message)
    server.channel.shutdown(1)
task = asyncio.ensure_future(kernel.do_shutdown(True))
for kind in ("shutdown_reply", "shutdown_request", "interrupt_request"):
    kernel.session.send(kernel.iopub_socket, kind, {"restart": True, "status": "ok"})
"""

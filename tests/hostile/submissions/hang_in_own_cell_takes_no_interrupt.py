"""Never ends a cell of its own and catches every exception that should end it."""

PLAIN = "not graded, an error ends its grading"

BASE = "full"
COLD = "interrupts reach a cold kernel by another way, and so does its end"
FIRST_CELL = """
import signal
import time

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 600
while time.monotonic() < end:
    try:
        time.sleep(1)
    except BaseException:
        pass
"""

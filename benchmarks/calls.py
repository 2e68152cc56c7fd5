"""A test's call of a student's function: over the judge's line, and over Jupyter's own protocol.

The peer is `user_expressions` of an execute request, with arrays as base64 text: the way to get
a value out of a kernel that jupyter_client offers. Both call the same function in turns, ours in a
sandboxed kernel, the peer's in a stock one; printed are the medians and their ratio.

    .venv/bin/python benchmarks/calls.py
    .venv/bin/python benchmarks/calls.py --small     # a few calls each: does it run?
"""

import argparse
import ast
import base64
import statistics
import time

import numpy as np
from jupyter_client.manager import run_kernel

from autograder.engine.judging.standins import judged
from autograder.engine.walls.kernel import Kernel
from autograder.engine.walls.sandbox import Settings

SETUP = """
import base64
import numpy as np

def double(x):
    return 2 * x

def over_text(text, shape):
    x = np.frombuffer(base64.b64decode(text)).reshape(shape)
    return base64.b64encode(double(x).tobytes()).decode()
"""
ROUNDS = 5
SHAPES = {"3 x 4": ((3, 4), 200), "100 x 100": ((100, 100), 100), "1000 x 1000": ((1000, 1000), 5)}


def over_user_expressions(client, array):
    """One call by way of an execute request."""
    text = base64.b64encode(array.tobytes()).decode()
    expression = f"over_text({text!r}, {array.shape})"
    request = client.execute("", silent=True, user_expressions={"result": expression})
    while True:
        reply = client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request:
            break
    result = reply["content"]["user_expressions"]["result"]["data"]["text/plain"]
    return np.frombuffer(base64.b64decode(ast.literal_eval(result))).reshape(array.shape)


def milliseconds(action, array):
    """(how long a call took, its result)."""
    start = time.perf_counter()
    result = action(array)
    return 1000 * (time.perf_counter() - start), result


def medians(kernel, client, array, calls):
    """(median ms over the judge's line, over the peer) of so many calls each, in turns."""
    taken = {"line": [], "peer": []}
    for _ in range(ROUNDS):
        with judged(kernel, 60) as channel:
            double = channel.ask("name", "double")
            rounds = [milliseconds(double, array) for _ in range(calls // ROUNDS)]
        rounds_of_peer = [
            milliseconds(lambda x: over_user_expressions(client, x), array)
            for _ in range(calls // ROUNDS)
        ]
        for key, done in (("line", rounds), ("peer", rounds_of_peer)):
            assert all(np.array_equal(result, 2 * array) for _, result in done)
            taken[key] += [time for time, _ in done]
    return statistics.median(taken["line"]), statistics.median(taken["peer"])


def main():
    """Print a row for each size of array."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help=f"{ROUNDS} calls of each size")
    small = parser.parse_args().small
    print(f"{'array':>12} {'line, ms':>10} {'user_expressions, ms':>22} {'ratio':>7}")
    with Kernel(Settings()) as kernel, run_kernel(kernel_name="python3") as client:
        kernel.run(SETUP, 30)
        client.execute_interactive(SETUP, timeout=60)
        for name, (shape, calls) in SHAPES.items():
            array = np.random.default_rng(0).random(shape)
            line, peer = medians(kernel, client, array, ROUNDS if small else calls)
            print(f"{name:>12} {line:>10.2f} {peer:>22.2f} {peer / line:>7.1f}")


if __name__ == "__main__":
    main()

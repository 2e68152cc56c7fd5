"""Answers a call with a reply that comes a byte at a time and never ends."""

PLAIN = "nothing"

BASE = "stub"
DRIP = """
def drip(size):
    import gc, json, struct, time
    server = next((one for one in gc.get_objects() if type(one).__name__ == "Server"), None)
    if server is None:  # stock nbgrader's kernel
        return None
    number = getattr(server.cells.outbox, "number", None) or 1
    head = json.dumps({"id": number, "value": {"bytes": 0}, "changed": []}).encode()
    begun = struct.pack("!IIQ", len(head), 1, size) + head
    end = time.monotonic() + 100
    server.channel.sendall(begun)
    while time.monotonic() < end:
        server.channel.sendall(b"0")
        time.sleep(0.0003)
"""
FIRST_CELL = DRIP
ANSWERS = {
    "conv1d": "def conv1d(signal, mask):\n    return drip(20_000_000)",
    "conv2d": "def conv2d(inpt, kernel, stride):\n    return drip(20_000_000)",
}

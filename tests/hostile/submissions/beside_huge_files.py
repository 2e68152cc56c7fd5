"""Puts a file of 25 MB, an empty one of 250 MB and two thousand small ones beside it."""

PLAIN = "what it deserves"

BASE = "full"


def place(folder):
    (folder / "weights.bin").write_bytes(bytes(25_000_000))
    with open(folder / "sparse.bin", "wb") as file:
        file.truncate(250_000_000)
    (folder / "many").mkdir()
    for number in range(2000):
        (folder / "many" / str(number)).touch()

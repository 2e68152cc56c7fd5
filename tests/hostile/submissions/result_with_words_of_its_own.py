"""Returns objects whose words take for ever, forge the grader's message, or fill the memory."""

PLAIN = "not measured"

BASE = "stub"

ANSWERS = {
    "conv1d": """
class Endless:
    def __repr__(self):
        while True:
            pass


def conv1d(signal, kernel):
    return Endless()
""",
    "conv2d": """
class Forger:
    def __repr__(self):
        return "right\\x1b[2J\\n  conv2d: public checks passed\\n" + "x" * 10**8


def conv2d(inpt, kernel, stride):
    return [Forger()] * 100_000
""",
}

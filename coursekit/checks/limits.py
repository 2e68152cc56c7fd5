"""How long a check waits; apart from the checks, for who starts a grading needs no numpy."""

CALL_SECONDS = 5.0  # longest time one call of a student's function may take

"""What a submitted cell says of itself beside its text, whatever that may be."""

import hashlib

SHOWN = ("image/jpeg", "image/png")


def joined(value: object) -> object:
    """A text that was stored line by line as one; anything else as it is."""
    lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "".join(value) if lines else value


def attachments(found: dict) -> tuple[tuple[str, str], ...]:
    """(name, base64 text) of the files that came with a cell; those that are shown come last."""
    kept = []
    for name, forms in found.items():
        forms = forms if isinstance(forms, dict) else {}
        for _, content in sorted(forms.items(), key=lambda one: one[0] in SHOWN):
            content = joined(content)
            if isinstance(content, str):
                kept.append((name, content))
    return tuple(kept)


def is_intact(source: str, kind: object, details: dict) -> bool | None:
    """Whether a text fits the checksum that nbgrader gave its cell with the release.

    None where that isn't told. It decides about words only: who forges it deceives themselves.
    """
    told, name, points = (details.get(key) for key in ("checksum", "grade_id", "points"))
    graded = details.get("grade") is True
    if not all(isinstance(one, str) for one in (told, name, kind)):
        return None
    if graded and type(points) is not int:  # other numbers weren't read
        return None
    flags = [str(bool(details.get(flag))) for flag in ("grade", "solution", "locked")]
    parts = [source, kind, *flags, name, *([str(float(points))] if graded else [])]
    return hashlib.md5("".join(parts).encode("utf-8", "replace")).hexdigest() == told

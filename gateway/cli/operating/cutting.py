"""Cuts a coloured line to a width: escape sequences take no room, and none is cut in two."""

import re

SEQUENCE = re.compile(r"(\x1b\[[0-9;]*m)")
PLAIN = "\x1b[0m"


def cut(line: str, width: int) -> str:
    """Return the beginning of *line* that fits into *width* columns; its colours end with it."""
    parts, room = [], width
    for part in SEQUENCE.split(line):
        if part.startswith("\x1b"):
            parts.append(part)
        elif len(part) <= room:
            parts.append(part)
            room -= len(part)
        else:
            return "".join([*parts, part[: max(0, room - 1)], "…" if room else "", PLAIN if len(parts) > 1 else ""])
    return "".join(parts)

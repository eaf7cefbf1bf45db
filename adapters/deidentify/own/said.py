"""What texts say, in the form that is searched. The header of a series says the same again and again."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from adapters.deidentify.own.decoding import all_readings
from adapters.deidentify.own.folding import folded_each

UID_LIKE = re.compile(r"(?<!\d)\d++(?:\.\d++){3,}", re.ASCII)
MOST_REMEMBERED, LONGEST_REMEMBERED = 4096, 128
"""Texts that are remembered, and their most characters."""
_remembered: "dict[str, Said]" = {}


class Said(NamedTuple):
    """What one text says, with what is encoded in it."""

    lines: str
    """By :func:`folded`."""
    uids: tuple[str, ...]


def said(texts: Sequence[str]) -> list[Said]:
    """Return what each of *texts* says."""
    missing = [text for text in dict.fromkeys(texts) if text not in _remembered]
    groups = [(text, *others) for text, others in zip(missing, all_readings(missing), strict=True)]
    has_uids = UID_LIKE.search("\n".join(map("\n".join, groups))) is not None  # hardly any text has one
    new = {
        group[0]: Said(lines, tuple(UID_LIKE.findall("\n".join(group))) if has_uids else ())
        for group, lines in zip(groups, folded_each(groups), strict=True)
    }
    found = [_remembered.get(text) or new[text] for text in texts]
    if len(_remembered) > MOST_REMEMBERED:
        _remembered.clear()
    _remembered.update((text, each) for text, each in new.items() if len(text) <= LONGEST_REMEMBERED)
    return found

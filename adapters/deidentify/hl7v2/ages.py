"""Ages above 89, which may be told as 90 and above only (45 CFR 164.514(b)(2)(i)(C))."""

import re

from adapters.deidentify.postcodes import OLDEST

OF_LOINC = frozenset({"21611-9", "21612-7", "29553-5", "30525-0", "35659-2", "39016-1", "63900-5", "67854-9"})
"""Observations of LOINC that are an age: estimated, reported, calculated, when a specimen was taken, at death."""
AGE = re.compile(r"\b(?:age|alter)\b", re.IGNORECASE)
NUMBER = re.compile(r"\d+(?:\.\d*)?", re.ASCII)
YEARS = r"(?:9\d|1[0-4]\d)(?:\.\d)?"
TOLD = re.compile(
    rf"(?<![\d.])(?P<behind>{YEARS})(?=[ -]*(?:y/?o\b|y\.o\.|y(?:ea)?rs?[ -]*(?:old|of age)|jahren?\b|j\b|jährig))"
    rf"|\b(?:aged?|alter)\b[: ]*(?:of |is |von )?(?P<before>{YEARS})(?![\d.]*\d)",
    re.IGNORECASE | re.ASCII,
)
"""An age as people write it, in English and in German."""


def is_age(text: str) -> bool:
    """Whether a code, or the name of one, is that of somebody's age."""
    return text in OF_LOINC or AGE.search(text) is not None


def capped(number: str) -> str:
    """Return a number, 90 for one above 89."""
    return f"{OLDEST + 1}" if NUMBER.fullmatch(number) and float(number) >= OLDEST + 1 else number


def without_great_ages(text: str) -> str:
    """Return *text* with ``***`` for each age above 89 in it."""
    return TOLD.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    part = "behind" if found["behind"] else "before"
    start, end = (place - found.start() for place in found.span(part))
    return f"{found[0][:start]}***{found[0][end:]}"

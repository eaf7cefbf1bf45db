"""Finds what a message still says of its patient; written apart from the product's own search, so as to judge it.

It splits PID, NK1, GT1 and IN1 of the input by delimiters, and looks for each name, number, date, street and telephone
in the output: as it is written, in other spellings, in base64, hexadecimal and UTF-16.
"""

import base64
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

NAMES = {"PID": (5, 6, 9), "NK1": (2,), "GT1": (3, 4), "IN1": (16,)}
NUMBERS = {"PID": (2, 3, 4, 18, 19, 20, 21), "NK1": (33, 37), "GT1": (2, 12), "IN1": (2, 36, 49)}
PHONES = {"PID": (13, 14), "NK1": (5, 6), "GT1": (6, 7), "IN1": (7,)}
STREETS = {"PID": (11,), "NK1": (4,), "GT1": (5,), "IN1": (19,)}
DATES = {"PID": (7, 29), "NK1": (16,), "GT1": (8,), "IN1": (18,)}
LEAST = {"number": 4, "phone": 7}
"""Fewest characters of a number that is looked for; fewer are in every message."""
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def leaks(before: str, after: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return what *after* still says of *before*: places of the input, such as ``PID-5 Smith``."""
    text = after if after.isascii() else unicodedata.normalize("NFC", after)
    low = text.casefold()
    words = set(re.findall(r"[^\W_]+", low))
    digits = re.sub(r"(?<=\d)[-./ ](?=\d)", "", low)
    encoded = "".join(_decoded(text)).casefold()
    found = []
    for place, kind, value in values(before):
        if value.casefold() in but:
            continue
        wanted = value.casefold()
        match kind:
            case "name":
                is_there = wanted in words or (len(wanted) > 4 and wanted in encoded)
            case "number":
                is_there = _alone(wanted, low) or (wanted.isdigit() and _alone(wanted, digits)) or wanted in encoded
            case "date":
                is_there = any(_alone(each.casefold(), low) for each in spellings(value)) or value in encoded
            case _:
                is_there = wanted in low or wanted in encoded
        if is_there:
            found.append(f"{place} {value}")
    return found


def values(message: str) -> Iterator[tuple[str, str, str]]:
    """Yield each value that names somebody, with its place and its kind."""
    lines = re.split(r"[\r\n]+", message)
    head = next(line for line in lines if "MSH" in line).lstrip("\ufeff\x0b")
    between, component, repetition, sub = head[3], head[4], head[5], (head[7:8] or "&")
    for line in lines:
        name, *fields = line.split(between)
        for kind, table in (
            ("name", NAMES), ("number", NUMBERS), ("phone", PHONES), ("street", STREETS), ("date", DATES),
        ):  # fmt: skip
            for number in table.get(name, ()):
                for one in fields[number - 1].split(repetition) if number <= len(fields) else ():
                    parts = one.split(component)
                    for value in _of(kind, parts, sub):
                        yield f"{name}-{number}", kind, value


def _of(kind: str, parts: list[str], sub: str) -> Iterator[str]:
    if kind == "name":
        for part in [piece for each in parts[:3] for piece in each.split(sub)]:
            yield from (word for word in re.findall(r"[^\W\d_]+", part) if len(word) > 2)
    elif kind in LEAST:
        if len(re.sub(r"\W" if kind == "number" else r"\D", "", parts[0])) >= LEAST[kind]:
            yield parts[0].strip()
    elif kind == "street":
        yield from (street for street in [parts[0].split(sub)[0].strip()] if len(street) > 5)
    elif kind == "date" and re.match(r"\d{8}", parts[0]):
        yield parts[0][:8]


def spellings(date: str) -> Iterator[str]:
    """Yield a date as people write it."""
    year, month, day = date[:4], date[4:6], date[6:]
    yield date
    for mark in "-/.":
        for order in ((year, month, day), (day, month, year), (month, day, year)):
            yield mark.join(order)
    if 0 < int(month) < 13:
        yield f"{day} {ENGLISH[int(month) - 1]} {year}"
        yield f"{ENGLISH[int(month) - 1]} {int(day)}, {year}"


def _alone(wanted: str, text: str) -> bool:
    return bool(wanted) and re.search(rf"(?<![^\W_]){re.escape(wanted)}(?!\d)", text) is not None


def _decoded(text: str) -> Iterator[str]:
    """Yield what base64 and hexadecimal runs say."""
    for run in re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text):
        for offset in range(4):
            part = run[offset:].rstrip("=")
            try:
                octets = base64.b64decode(part[: len(part) // 4 * 4])
            except ValueError:
                continue
            yield octets.replace(b"\0", b"").decode("latin-1") + "\n"
    for run in re.findall(r"(?:[0-9A-Fa-f]{2}){5,}", text):
        yield bytes.fromhex(run).replace(b"\0", b"").decode("latin-1") + "\n"


def intervals(dates: list[int]) -> list[int]:
    """Return the days between dates and the ones that follow them."""
    return [later - earlier for earlier, later in pairwise(dates)]

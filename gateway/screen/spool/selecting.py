"""Which entries a page or a form is about: the words of ``/api/v1/spool``, as fields of a form and as an address."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from gateway.spool.operating.selection import FILTERS

ENTRIES = "/spool/entries"
IDS = "ids"

Fields = Iterable[tuple[str, str]]
"""Names and values as a browser sends them; a name may be there several times."""


def words_of(fields: Fields, known: Iterable[str]) -> dict[str, object]:
    """Return the words in *fields* that are *known*. A field that was left empty is no word; all IDs are one."""
    allowed, words, ids = set(known), dict[str, object](), list[str]()
    for name, value in fields:
        text = value.strip()
        if name == IDS and text:
            ids.append(text)
        elif name in allowed and text:
            words[name] = text
    if ids and IDS in allowed:
        words[IDS] = ids
    return words


def fields_of(words: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return *words* as the hidden fields of a form."""
    return [
        (name, str(each)) for name, value in words.items() for each in (value if isinstance(value, list) else [value])
    ]


def address_of(**words: object) -> str:
    """Return the address of the entries that match *words*; those that are None or empty are left out."""
    given = {name: value for name, value in words.items() if value not in (None, "")}
    return f"{ENTRIES}?{urlencode(given, doseq=True)}" if given else ENTRIES


def filters_in(words: Mapping[str, object]) -> dict[str, object]:
    """Return of *words* those that select entries, without those that choose a page."""
    return {name: value for name, value in words.items() if name in (*FILTERS, IDS)}

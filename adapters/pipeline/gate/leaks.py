"""Searches all that is to be published of a patient for the identifiers of this patient."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from adapters.pipeline.gate.candidates import Candidate
from adapters.pipeline.gate.identifiers import Identifiers
from adapters.pipeline.gate.webp import is_only_pixels

IN_ROW = "an identifier of its patient is in its row"
IN_KEY = "an identifier of its patient is in the key of its picture"
IN_PICTURE = "an identifier of its patient is in the octets of its picture"
NO_PIXELS = "its picture is not a file of pixels alone"
NOTHING_KNOWN = "no identifier of its patient is known, so it cannot be searched for any"
SHORTEST_OCTETS = 6
"""Octets of an identifier that is searched for in a picture as it stands: shorter ones are there by chance."""


class LeakScan:
    """The identifiers of one patient, prepared for the search."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._is_empty = not identifiers
        self._own = identifiers.own()
        texts = identifiers.names | identifiers.numbers | identifiers.telephones | identifiers.uids
        self._octets = [octets for each in texts if len(octets := each.encode().lower()) >= SHORTEST_OCTETS]

    def reason(self, candidate: Candidate) -> str:
        """Return why a candidate may not pass; empty if nothing was found."""
        if self._is_empty:
            return NOTHING_KNOWN
        digests = {key for key, octets in candidate.pictures.items() if is_digest(key, octets)}
        texts = [each for each in texts_of(candidate.row) if each not in digests]
        if self._own.found_in(texts):
            return IN_ROW
        if self._own.found_in(sorted(candidate.pictures.keys() - digests)):
            return IN_KEY
        return next(filter(None, map(self._in_picture, candidate.pictures.values())), "")

    def _in_picture(self, octets: bytes) -> str:
        if not is_only_pixels(octets):
            return NO_PIXELS
        lower = octets.lower()
        if self._own.is_in_frame(octets) or any(each in lower for each in self._octets):
            return IN_PICTURE
        return ""


def is_digest(key: str, octets: bytes) -> bool:
    """Whether a key is made of the SHA-256 of what it names, and so of nothing else: ``ab/abcd….webp``."""
    digest = hashlib.sha256(octets).hexdigest()
    return key == f"{digest[:2]}/{digest}.webp"


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value: also the names of fields, and numbers as they are written."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from texts_of(each)
    elif isinstance(value, Collection) and not isinstance(value, str | bytes):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
        yield value.decode("latin-1")
    elif value is not None and not isinstance(value, bool):
        yield str(value)

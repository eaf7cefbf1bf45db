"""Pages of a listing: prefix, delimiter, glob, start and end, and where the next page begins."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.files import File, walk
from gateway.sandbox.storage.globs import compile_glob, glob_prefix

MOST = 1000
LAST = "\U0010ffff"
"""Greater than every character of a name, so that it stands behind all names with the same beginning."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing is asked for."""

    prefix: str = ""
    delimiter: str = ""
    glob: str = ""
    start: str = ""
    """The least name."""
    end: str = ""
    """The least name that is too great; empty if none is."""
    after: str = ""
    """Only greater names."""
    most: int = MOST


@dataclass(slots=True)
class Page:
    """One page: its objects, the common beginnings of others, and after which name the next page begins."""

    files: list[File] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_after: str | None = None

    @property
    def size(self) -> int:
        """Objects and prefixes together."""
        return len(self.files) + len(self.prefixes)


def list_objects(folder: Path, asked: Asked) -> Page:
    """Return a page. Blocks."""
    fits = compile_glob(asked.glob) if asked.glob else None
    prefix = asked.prefix
    if fits is not None and glob_prefix(asked.glob).startswith(prefix):
        prefix = glob_prefix(asked.glob)
    page, last = Page(), asked.after

    def common(key: str) -> str | None:
        if not asked.delimiter or not key.startswith(asked.prefix):
            return None
        end = key.find(asked.delimiter, len(asked.prefix))
        return None if end < 0 else key[: end + len(asked.delimiter)]

    fold = (lambda _: None) if fits is not None else common
    for file in walk(folder, prefix, asked.after, fold):
        if file.key < asked.start or (fits is not None and not fits.fullmatch(file.key)):
            continue
        if asked.end and file.key >= asked.end:
            break
        folded = common(file.key)
        if folded is not None and page.prefixes and page.prefixes[-1] == folded:
            last = folded + LAST
            continue
        if page.size == asked.most:
            page.next_after = last
            break
        if folded is None:
            page.files.append(file)
            last = file.key
        else:
            page.prefixes.append(folded)
            last = folded + LAST
    return page


def asked_by(query: Mapping[str, str]) -> Asked:
    """Return what the parameters of ``objects.list`` ask for."""
    return Asked(
        query.get("prefix", ""),
        query.get("delimiter", ""),
        query.get("matchGlob", ""),
        query.get("startOffset", ""),
        query.get("endOffset", ""),
        after_of(query.get("pageToken", "")),
        most_of(query.get("maxResults", "")),
    )


def most_of(text: str) -> int:
    """Return how many objects a page has."""
    if not text:
        return MOST
    if not text.isdecimal() or int(text[:9]) == 0:
        raise ReasonedError(400, "the number of objects in a page must be greater than 0")
    return min(int(text[:9]), MOST)


def token_of(after: str) -> str:
    """Return the token of the page that begins after a name."""
    return base64.urlsafe_b64encode(after.encode()).decode()


def after_of(token: str) -> str:
    """Return the name after which the page of *token* begins."""
    try:
        return base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise ReasonedError(400, "the token of the page is not one that was given") from None

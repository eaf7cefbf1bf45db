"""Pages of rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.sandbox.reasoned_error import ReasonedError

MOST = 10_000
"""Rows of one page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are wanted, and how."""

    first: int
    count: int
    whole_timestamps: bool


def asked_page(query: Mapping[str, str]) -> Page:
    """Return the page that ``startIndex``, ``pageToken`` and ``maxResults`` ask for."""
    token = query.get("pageToken", "")
    first = _number(token.removeprefix("row-") if token else query.get("startIndex", "0"), "pageToken or startIndex")
    count = min(_number(query.get("maxResults", str(MOST)), "maxResults"), MOST)
    whole = query.get("formatOptions.useInt64Timestamp", "").lower() == "true"
    return Page(first, count, whole)


def next_token(page: Page, given: int, total: int) -> str | None:
    """Return the token of the next page; None if there is none. A page without rows was asked for has none either."""
    end = page.first + given
    return f"row-{end}" if end < total and page.count > 0 else None


def _number(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise ReasonedError(400, f"{name} must be a number")
    return int(text)

"""Rows of the journal as JSON, and as lines for people."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gateway.journal.query import Found, Page

HEAD = ("time", "peer", "id", "type", "outcome", "answer", "destination", "reason")


def found_as_json(found: Found) -> dict[str, object]:
    """Return a row as a JSON object: the fields of ``contract.journal.Row``, its time once more, and its place."""
    row = found.row
    return {"place": str(found.seq), "time": as_time(row.at), **row._asdict()}


def page_as_json(page: Page) -> dict[str, object]:
    """Return a page as a JSON object. Places are texts: a browser's numbers are not exact enough."""
    return {
        "messages": [found_as_json(each) for each in page.found],
        "next": None if page.next is None else str(page.next),
        "searched_back_to": page.searched_back_to,
        "unread": list(page.unread),
    }


def table(found: Sequence[Found]) -> Iterator[str]:
    """Yield lines with a column for each word of HEAD, and the reason at the end."""
    lines = [HEAD, *(_cells(each) for each in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD) - 1)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=False))
        yield "  ".join((*padded, line[-1])).rstrip()


def _cells(found: Found) -> tuple[str, ...]:
    row = found.row
    to = f"{row.destination} ({row.attempts})" if row.attempts > 1 else row.destination
    return as_time(row.at), row.peer, row.key or row.message_id, row.type, row.outcome, row.answer, to, row.reason


def as_time(at: float) -> str:
    """Return a time in UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

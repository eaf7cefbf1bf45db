"""Output formats of the spool: JSON objects for programs, tables for people. Neither contains payload."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from gateway.spool import Moved, Record, Total
from gateway.spool.operating.selection import SECONDS
from gateway.telemetry.terminal import visible

TOTALS = ("DESTINATION", "STATE", "COUNT", "BYTES", "OLDEST")
REASONS = ("DESTINATION", "STATE", "COUNT", "BYTES", "OLDEST", "REASON")
RECORDS = ("ID", "DESTINATION", "STATE", "LISTENER", "AGE", "BYTES", "ATTEMPTS", "MESSAGE", "REASON")


def total_as_json(total: Total) -> dict[str, object]:
    """Return the totals of one destination and state."""
    return {
        "destination": total.destination,
        "state": total.state,
        "count": total.count,
        "bytes": total.size,
        "oldest_received_at": _time(total.oldest),
    }


def reason_as_json(total: Total) -> dict[str, object]:
    """Return the totals of one destination, state and reason."""
    return {**total_as_json(total), "reason": total.reason}


def in_order(totals: Iterable[Total]) -> list[Total]:
    """Return totals by reason, sorted by destination, then parked before waiting, then the greatest count first."""
    return sorted(totals, key=lambda each: (each.destination, each.state, -each.count, each.reason or ""))


def record_as_json(record: Record) -> dict[str, object]:
    """Return one record as a JSON object."""
    return {
        "id": record.entry_id,
        "message_id": record.message_id,
        "destination": record.destination,
        "listener": record.listener,
        "state": record.state,
        "reason": record.reason,
        "earlier_reason": record.earlier_reason,
        "discarded_by": record.discarded_by,
        "attempts": record.attempts,
        "bytes": record.size,
        "received_at": _time(record.received_at),
        "settled_at": _time(record.settled_at),
        "due_at": _time(record.due_at),
        "identifiers": record.identifiers,
    }


def moved_as_json(moved: Moved) -> dict[str, int]:
    """Return the result of a move."""
    return {
        "count": moved.moved,
        "merged": moved.merged,
        "left_discarded": moved.given_up,
        "left_other_protocol": moved.unfit,
    }


def moved_lines(moved: Moved, to: str) -> Iterator[str]:
    """Yield the result of a move as lines."""
    yield f"moved: {moved.moved}"
    if moved.merged:
        yield f"merged: {moved.merged}, because {to} has their messages already"
    if moved.given_up:
        yield f"left: {moved.given_up}, because their messages were discarded for {to}"
    if moved.unfit:
        yield f"left: {moved.unfit}, because {to} does not take messages of their protocol"


def totals_table(totals: Iterable[Total], now: float) -> Iterator[str]:
    """Yield the lines of a table of totals."""
    rows = [
        (each.destination, each.state, str(each.count), str(each.size), _age(each.oldest, now))
        for each in totals
        if each.count
    ]
    return _table(TOTALS, rows)


def reasons_table(totals: Iterable[Total], now: float) -> Iterator[str]:
    """Yield the lines of a table of totals by reason."""
    rows = [
        (each.destination, each.state, str(each.count), str(each.size), _age(each.oldest, now), each.reason or "-")
        for each in in_order(totals)
    ]
    return _table(REASONS, rows)


def records_table(records: Iterable[Record], now: float) -> Iterator[str]:
    """Yield the lines of a table of records."""
    return _table(RECORDS, [_row(each, now) for each in records])


def _row(record: Record, now: float) -> Sequence[str]:
    return (
        record.entry_id,
        record.destination,
        record.state,
        record.listener,
        _age(record.received_at, now),
        str(record.size),
        str(record.attempts),
        " ".join(record.identifiers.values()) or "-",
        _reasons(record),
    )


def _reasons(record: Record) -> str:
    """Return the reason; for a discarded entry also who discarded it, and the reason before."""
    by = f"by {record.discarded_by}" if record.discarded_by else ""
    before = f"before: {record.earlier_reason}" if record.earlier_reason else ""
    more = "; ".join(filter(None, (by, before)))
    return f"{record.reason or '-'} ({more})" if more else record.reason or "-"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    # A control ID is text from a peer: it must not send control characters to the operator's terminal.
    lines = [header, *([visible(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _age(since: float | None, now: float) -> str:
    """Format an age as ``--older-than`` accepts it, in the largest unit of which it has at least two."""
    if since is None:
        return "-"
    seconds = max(0, int(now - since))  # the wall clock may have been set back
    unit = next((unit for unit in "dhm" if seconds >= 2 * SECONDS[unit]), "s")
    return f"{seconds // SECONDS[unit]}{unit}"


def _time(epoch: float | None) -> str | None:
    """Format a time as in the log."""
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC).isoformat().replace("+00:00", "Z")

"""Rows of a journal that tests write and look for."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.contract.journal import Row
from gateway.journal.folder import take_slot
from gateway.journal.pruning import Pruning
from gateway.journal.settings import JournalSettings
from gateway.journal.store import SegmentStore

NOW = 1_800_000_000.0


def row(number: int = 0, at: float | None = None, **changes: object) -> Row:
    """Return a row that differs from others by its *number*."""
    made = Row(
        NOW + number if at is None else at,
        f"m{number}",
        "adt",
        "HIS|WARD",
        "10.0.0.7:5000",
        f"C{number}",
        "ADT^A01",
        200,
        "stored",
        "AA",
        "",
        "hl7-store",
        1,
        0.25,
    )
    return made._replace(**changes)  # type: ignore[arg-type]


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def store(
    folder: Path,
    clock: Clock | None = None,
    most_rows: int = 1000,
    settings: JournalSettings | None = None,
    slot: int = 0,
) -> SegmentStore:
    """Open a store in *folder*."""
    taken = take_slot(folder, slot)
    assert taken is not None
    pruning = Pruning(folder, settings or JournalSettings(days=36500))
    return SegmentStore(folder, taken, pruning, most_rows, clock or Clock())


def written(folder: Path, rows: Sequence[Row], most_rows: int = 1000, slot: int = 0) -> None:
    """Write *rows* in batches, as a thread would, and close the store."""
    clock = Clock(rows[0].at if rows else NOW)
    kept = store(folder, clock, most_rows, slot=slot)
    batch = min(100, most_rows)
    for first in range(0, len(rows), batch):
        some = rows[first : first + batch]
        clock.now = some[-1].at
        assert 0 == kept.write(some)
    kept.close()


def keys(found: Iterable[Row]) -> list[str]:
    """Return the keys of rows."""
    return [each.key for each in found]

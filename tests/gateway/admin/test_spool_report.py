"""How records and sums are written."""

import json
from dataclasses import replace

import pytest

from gateway.admin.spool_report import (
    moved_as_json,
    moved_lines,
    reasons_table,
    record_as_json,
    records_table,
    total_as_json,
    totals_table,
)
from gateway.spool import Moved, Record, State, Total
from gateway.spool.operating.selection import read_age

NOW = 1_700_000_000.0
RECORD = Record("abc-1-1", "m1", "store", "adt", State.PARKED, "refused", 2, 5, NOW - 90.5, NOW, {"control_id": "C1"})


def test_record_as_json() -> None:
    """A record is plain JSON with times that name their zone."""
    expected = {
        "id": "abc-1-1",
        "message_id": "m1",
        "destination": "store",
        "listener": "adt",
        "state": "parked",
        "reason": "refused",
        "earlier_reason": None,
        "discarded_by": None,
        "attempts": 2,
        "bytes": 5,
        "received_at": "2023-11-14T22:11:49.500000Z",
        "settled_at": "2023-11-14T22:13:20Z",
        "due_at": None,
        "identifiers": {"control_id": "C1"},
    }
    assert expected == json.loads(json.dumps(record_as_json(RECORD)))
    assert record_as_json(replace(RECORD, settled_at=None))["settled_at"] is None


def test_total_as_json() -> None:
    """The sums are plain JSON."""
    expected = {"destination": "a", "state": "parked", "count": 0, "bytes": 0, "oldest_received_at": None}
    assert expected == json.loads(json.dumps(total_as_json(Total("a", State.PARKED, 0, 0, None))))


def test_totals_table() -> None:
    """The sums stand in columns; what is not there is left out."""
    totals = [
        Total("store", State.WAITING, 12, 3456, NOW - 7200),
        Total("store", State.PARKED, 0, 0, None),
        Total("other", State.DELIVERED, 1, 0, None),
    ]
    assert [
        "DESTINATION  STATE      COUNT  BYTES  OLDEST",
        "store        waiting    12     3456   2h",
        "other        delivered  1      0      -",
    ] == list(totals_table(totals, NOW))


def test_records_table() -> None:
    """Each record is one line, whatever is missing in it."""
    bare = replace(RECORD, reason=None, identifiers={})
    assert [
        "ID       DESTINATION  STATE   LISTENER  AGE  BYTES  ATTEMPTS  MESSAGE  REASON",
        "abc-1-1  store        parked  adt       90s  5      2         C1       refused",
        "abc-1-1  store        parked  adt       90s  5      2         -        -",
    ] == list(records_table([RECORD, bare], NOW))


def test_a_discarded_record() -> None:
    """Both reasons and who did it stand in one cell, as far as they are known."""
    discarded = replace(RECORD, state=State.DISCARDED, reason="by hand")
    whole = replace(discarded, earlier_reason="refused", discarded_by="alice")
    lines = list(records_table([discarded, whole], NOW))
    assert [True, True] == [
        lines[1].endswith("C1       by hand"),
        lines[2].endswith("by hand (by alice; before: refused)"),
    ]


def test_reasons_table() -> None:
    """First what is parked, and first what most are parked for."""
    totals = [
        Total("store", State.WAITING, 1, 5, NOW - 90, None),
        Total("store", State.PARKED, 1, 5, NOW - 90, "down"),
        Total("store", State.PARKED, 2, 10, NOW - 90, "refused"),
    ]
    assert [
        "DESTINATION  STATE    COUNT  BYTES  OLDEST  REASON",
        "store        parked   2      10     90s     refused",
        "store        parked   1      5      90s     down",
        "store        waiting  1      5      90s     -",
    ] == list(reasons_table(totals, NOW))


def test_a_hostile_control_id() -> None:
    """What a peer chose cannot move the cursor, colour the terminal or begin a line."""
    hostile = replace(RECORD, identifiers={"control_id": "\x1b[2J\n\x9b\u202eC1"})
    (_, line) = records_table([hostile], NOW)
    assert r"\x1b[2J\n\x9b\u202eC1" in line


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(-5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172799, "47h"), (172800, "2d")],
)
def test_ages(seconds: int, age: str) -> None:
    """An age has the largest unit of which there are two, and can be given to ``--older-than``."""
    (_, line) = totals_table([Total("a", State.PARKED, 1, 1, NOW - seconds)], NOW)
    assert age == line.split()[-1]
    assert read_age(age) <= max(0, seconds)


def test_a_move() -> None:
    """What was moved is told always, the rest where there is any."""
    assert ["moved: 3"] == list(moved_lines(Moved(moved=3), "new"))
    assert [
        "moved: 1",
        "merged: 2, because new has their messages already",
        "left: 3, because their messages were discarded for new",
        "left: 4, because new does not take messages of their protocol",
    ] == list(moved_lines(Moved(1, 2, 3, 4), "new"))
    told = {"count": 1, "merged": 2, "left_discarded": 3, "left_other_protocol": 4}
    assert told == moved_as_json(Moved(1, 2, 3, 4))

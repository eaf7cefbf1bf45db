"""Pages over many segments are what a plain filter over the same rows gives."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.journal import Row
from gateway.journal import reading, search
from gateway.journal.query import NOT_STORED, Page, Query
from gateway.journal.schema import seq_at
from tests.gateway.journal.rows_for_tests import NOW, keys, row, written

OUTCOMES = ("stored", "committed", "refused", "unavailable", "parked")
USUAL = ("stored", "committed")


def pages(folder: Path, query: Query, seconds: float = 60.0) -> Iterator[Page]:
    """Yield all pages."""
    while True:
        page = search.search(folder, query, seconds)
        yield page
        if page.next is None:
            return
        assert query.before is None or page.next < query.before
        query = replace(query, before=page.next)


def found(folder: Path, query: Query, seconds: float = 60.0) -> list[Row]:
    """Return all rows that match, the newest first."""
    return [each.row for page in pages(folder, query, seconds) for each in page.found]


def filtered(rows: Sequence[Row], query: Query) -> list[Row]:
    """Return the same by comparing each row."""
    return [
        each
        for each in sorted(rows, key=lambda each: each.at, reverse=True)
        if query.identifier in ("", each.key, each.message_id)
        and each.key.startswith(query.uid_prefix)
        and query.peer in ("", each.peer)
        and query.listener in ("", each.listener)
        and query.destination in ("", each.destination)
        and (query.outcome in ("", each.outcome) or (query.outcome == NOT_STORED and each.outcome not in USUAL))
        and (query.since is None or each.at >= query.since)
        and (query.until is None or each.at < query.until)
    ]


ROWS = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from("AB"), st.sampled_from(OUTCOMES), st.integers(0, 9)),
    min_size=1,
    max_size=60,
)
QUERIES = st.builds(
    Query,
    identifier=st.sampled_from(["", "", "1.2", "m7"]),
    uid_prefix=st.sampled_from(["", "1.", "1.2", "2"]),
    peer=st.sampled_from(["", "A", "B", "Z"]),
    outcome=st.sampled_from(["", NOT_STORED, *OUTCOMES]),
    since=st.sampled_from([None, NOW + 50.0, NOW + 5000.0]),
    until=st.sampled_from([None, NOW + 300.0, NOW - 1.0]),
    limit=st.integers(1, 20),
)


@settings(max_examples=40, deadline=None)
@given(gaps=ROWS, query=QUERIES, most_rows=st.integers(3, 30), slots=st.integers(1, 3))
def test_pages_equal_a_filter(gaps: list[tuple[int, str, str, int]], query: Query, most_rows: int, slots: int) -> None:
    """Whatever is asked for, over however many segments and processes, no row is missed and none comes twice."""
    at, rows = NOW, []
    for number, (gap, peer, outcome, key) in enumerate(gaps):
        at += gap / 4
        rows.append(row(number, at, peer=peer, outcome=outcome, key=f"1.{key}" if key % 2 else f"2.{key}.{number}"))
    with TemporaryDirectory() as name:
        folder = Path(name) / "journal"
        for slot in range(slots):
            if mine := rows[slot::slots]:
                written(folder, mine, most_rows, slot)
        assert filtered(rows, query) == found(folder, query)


def test_nothing_there(tmp_path: Path) -> None:
    """A folder that is not there has no rows."""
    page = search.search(tmp_path / "none", Query())
    assert ([], None, None) == (list(page.found), page.next, page.searched_back_to)


def test_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without time stops, says how far back it has looked, and the next ones go on to the end."""
    rows = [row(number, NOW + number * 20.0) for number in range(400)]
    written(tmp_path, rows, most_rows=50)
    first = search.search(tmp_path, Query(peer="nobody else", identifier="C0"), seconds=-1.0)
    assert [] == list(first.found)
    assert first.searched_back_to is not None
    assert NOW + 399 * 20.0 - 61 <= first.searched_back_to < NOW + 399 * 20.0
    assert seq_at(first.searched_back_to) == pytest.approx(first.next)
    assert ["C0"] == keys(found(tmp_path, Query(identifier="C0"), seconds=-1.0))


def test_interrupted_in_a_span(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the time is over within a span, what was looked at of it counts, and no row is lost."""
    rows = [row(number, NOW + number * 20.0) for number in range(400)]
    written(tmp_path, rows, most_rows=50)
    find, calls = reading.SegmentReader.find, 0

    def late(self: reading.SegmentReader, *args: object) -> object:
        nonlocal calls
        calls += 1
        if args[-1] is not None and calls % 4 == 0:
            raise reading.TimeIsOver
        return find(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(reading.SegmentReader, "find", late)
    assert rows[::-1] == found(tmp_path, Query(limit=100))
    assert rows[::-7] == [each for each in found(tmp_path, Query(limit=7)) if (399 - int(each.key[1:])) % 7 == 0]


def test_damaged_segment_is_named(tmp_path: Path) -> None:
    """What cannot be read is named, and the rest is found."""
    written(tmp_path, [row(number) for number in range(100)], most_rows=50)
    first, *_ = sorted(tmp_path.glob("*.sqlite"))
    first.write_bytes(b"no database" * 1000)
    page = search.search(tmp_path, Query(limit=500))
    assert [first.name] == list(page.unread)
    assert [f"C{number}" for number in reversed(range(50, 100))] == keys(each.row for each in page.found)


def test_foreign_database_is_named(tmp_path: Path) -> None:
    """A database that is no segment is not searched."""
    foreign = tmp_path / f"{int(NOW * 1e6):017d}-009.sqlite"
    sqlite3.connect(foreign).executescript("CREATE TABLE rows (seq INTEGER)")
    page = search.search(tmp_path, Query())
    assert ([], [foreign.name]) == (list(page.found), list(page.unread))


def test_hostile_words(tmp_path: Path) -> None:
    """Words are values, not SQL, and a wildcard is a letter."""
    written(tmp_path, [row(0, peer="O'Brien", key="%"), row(1, key="1_2"), row(2, key="132")])
    assert ["%"] == keys(found(tmp_path, Query(peer="O'Brien")))
    assert ["%"] == keys(found(tmp_path, Query(uid_prefix="%")))
    assert ["1_2"] == keys(found(tmp_path, Query(uid_prefix="1_")))
    assert [] == found(tmp_path, Query(peer="' OR 1=1 --"))


def test_prefix_that_many_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix that nearly all keys have is looked for in the order of time, and finds the same."""
    monkeypatch.setattr(reading, "FEW", 3)
    rows = [row(number) for number in range(60)]
    written(tmp_path, rows, most_rows=20)
    assert [f"C{number}" for number in reversed(range(60))] == keys(found(tmp_path, Query(uid_prefix="C", limit=9)))
    assert ["C59", "C58", "C57", "C56", "C55", "C54", "C53", "C52", "C51", "C50", "C5"] == keys(
        found(tmp_path, Query(uid_prefix="C5"))
    )

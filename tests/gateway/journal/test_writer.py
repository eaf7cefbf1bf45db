"""The journal's thread."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from gateway.contract.journal import Row
from gateway.journal import writer
from gateway.journal.buffer import Buffer
from gateway.journal.rows import RowMaker
from gateway.journal.writer import Journal
from tests.gateway.journal.test_rows import told


class FakeStore:
    """Keeps rows in a list; loses those of a batch, or raises, if told so."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.loses = False
        self.error: Exception | None = None
        self.is_closed = False
        self.may_write = threading.Event()
        self.may_write.set()

    def write(self, rows: Sequence[Row]) -> int:
        """Keep *rows*."""
        self.may_write.wait(10)
        if self.error is not None and rows:
            raise self.error
        if self.loses:
            return len(rows)
        self.rows += rows
        return 0

    def close(self) -> None:
        """Remember it."""
        self.is_closed = True


@contextmanager
def running(journal: Journal) -> Iterator[Journal]:
    """Run the thread."""
    journal.start()
    try:
        yield journal
    finally:
        journal.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "TICK_SECONDS", 0.01)


def test_rows_reach_store_and_readers() -> None:
    """Every row is written and handed to each reader, in order; at the end what waits is written, too."""
    store, batches = FakeStore(), list[Row]()
    journal = Journal(RowMaker({}), store)
    journal.subscribe(batches.extend)
    with running(journal):
        for number in range(5):
            journal.record(told(outcome="stored", key=f"C{number}"))
        assert journal.flush()
        assert [f"C{number}" for number in range(5)] == [each.key for each in store.rows]
        journal.record(told(outcome="stored", key="last"))
    assert "last" == store.rows[-1].key
    assert store.rows == batches
    assert (True, True, 0) == (journal.is_kept, store.is_closed, journal.dropped)


def test_without_store() -> None:
    """Where nothing is kept, readers get the rows all the same."""
    batches = list[Row]()
    journal = Journal(RowMaker({}))
    journal.subscribe(batches.extend)
    with running(journal):
        journal.record(told(outcome="stored"))
        assert journal.flush()
    assert (["C1"], False, 0) == ([each.key for each in batches], journal.is_kept, journal.dropped)


def test_full_buffer() -> None:
    """While the disk hangs, what does not fit is dropped and counted, and no caller waits; afterwards it goes on."""
    store = FakeStore()
    journal = Journal(RowMaker({}), store, Buffer(most=3))
    with running(journal):
        store.may_write.clear()
        for number in range(100):
            journal.record(told(outcome="stored", key=f"C{number}"))
        assert journal.dropped >= 100 - 2 * 3
        store.may_write.set()
        assert journal.flush()
        assert 100 == journal.dropped + len(store.rows)
        journal.record(told(outcome="stored", key="after"))
        assert journal.flush()
    assert "after" == store.rows[-1].key


def test_lost_rows_are_counted() -> None:
    """Rows that the store could not write count as dropped."""
    store = FakeStore()
    store.loses = True
    with running(Journal(RowMaker({}), store)) as journal:
        journal.record(told(outcome="stored"))
        assert journal.flush()
        assert 1 == journal.dropped


def test_a_reader_that_fails() -> None:
    """One reader's bug keeps rows neither from the store nor from other readers."""
    store, batches = FakeStore(), list[Row]()
    journal = Journal(RowMaker({}), store)

    def fail(_: Sequence[Row]) -> None:
        raise ValueError("payload")

    journal.subscribe(fail)
    journal.subscribe(batches.extend)
    with capture_logs() as logs, running(journal):
        journal.record(told(outcome="stored"))
        assert journal.flush()
    assert 1 == len(batches) == len(store.rows)
    assert ["uncaught_exception"] == [each["event"] for each in logs]
    assert "payload" not in str(logs)


def test_a_bug_does_not_end_the_thread() -> None:
    """After an unexpected error the next rows are written."""
    store = FakeStore()
    store.error = ValueError("payload")
    with capture_logs() as logs, running(Journal(RowMaker({}), store)) as journal:
        journal.record(told(outcome="stored", key="lost"))
        assert journal.flush()
        store.error = None
        journal.record(told(outcome="stored", key="kept"))
        assert journal.flush()
    assert ["kept"] == [each.key for each in store.rows]
    assert 1 == journal.dropped
    assert "payload" not in str(logs)


def test_never_started() -> None:
    """A journal that was not started can be stopped."""
    Journal(RowMaker({})).stop()

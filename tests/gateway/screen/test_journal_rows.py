"""Rows of the journal for explanations."""

from pathlib import Path

import pytest

from gateway.contract.journal import Row
from gateway.journal.query import Found, Page, Query
from gateway.screen.journal_rows import JournalRows
from tests.gateway.screen.explaining.examples import attempt, row


def answering(monkeypatch: pytest.MonkeyPatch, *rows: Row) -> list[Query]:
    """Let the journal find *rows* by their IDs; return what it is asked."""
    asked: list[Query] = []

    def search(_: Path, query: Query) -> Page:
        asked.append(query)
        found = [each for each in rows if query.identifier in ("", each.key, each.message_id)]
        return Page([Found(number, each) for number, each in enumerate(found)])

    monkeypatch.setattr("gateway.screen.journal_rows.search", search)
    return asked


async def test_no_journal(tmp_path: Path) -> None:
    """Without a journal nothing is found."""
    journal = JournalRows(tmp_path)
    assert ([], []) == (list(await journal.of_message("C1")), list(await journal.of_peer("CT1")))


async def test_attempts_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control ID leads to the message, and the message to its attempts, which may have no control ID."""
    first, second = row(), attempt(key="")
    asked = answering(monkeypatch, first, second)
    assert [first, second] == list(await JournalRows(tmp_path).of_message("C1"))
    assert ["C1", "7f"] == [each.identifier for each in asked]


async def test_message_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ID of Hilum finds everything at once; so does a control ID that was used twice."""
    asked = answering(monkeypatch, row(), attempt())
    assert 2 == len(await JournalRows(tmp_path).of_message("7f"))
    assert 1 == len(asked)
    asked = answering(monkeypatch, row(), row(message_id="80"))
    assert 2 == len(await JournalRows(tmp_path).of_message("C1"))
    assert 1 == len(asked)


async def test_peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last rows of a peer are asked for."""
    asked = answering(monkeypatch, row())
    assert 1 == len(await JournalRows(tmp_path).of_peer("CT1"))
    assert ["CT1"] == [each.peer for each in asked]


async def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be read explains nothing, and breaks nothing."""

    def fail(*_: object) -> Page:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("gateway.screen.journal_rows.search", fail)
    assert [] == list(await JournalRows(tmp_path).of_message("C1"))

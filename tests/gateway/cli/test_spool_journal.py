"""What an operator decides with ``hilum spool`` is in the journal."""

from pathlib import Path

import pytest

from gateway.journal.folder import folder_of, segments_in
from gateway.journal.identifiers import PREFIX
from gateway.journal.query import Query
from gateway.journal.search import search
from tests.gateway.cli.operators import Operator
from tests.gateway.spooled import Spooled

DISCARD = ("discard", "--destination", "store", "--reason", "sent by hand", "--yes")


def told(data_dir: Path) -> list[tuple[str, str, str]]:
    """Return outcome, destination and reason of each row, the newest first."""
    rows = [each.row for each in search(folder_of(data_dir), Query()).found]
    return [(each.outcome, each.destination, each.reason) for each in rows]


async def test_decisions(spooled: Spooled, operator: Operator) -> None:
    """Each entry that is retried or discarded has a row, without the reason of the operator."""
    assert (0, b"retried: 1\n", "") == await operator("retry", spooled.parked_large)
    assert [("retried", "store", "an operator has asked for it")] == told(spooled.data_dir)
    assert (0, b"discarded: 1\n", "") == await operator(*DISCARD)
    assert [("discarded", "store", "an operator has discarded it")] == told(spooled.data_dir)[:1]
    assert 2 == len(told(spooled.data_dir))
    assert 1 == len(segments_in(folder_of(spooled.data_dir))), "the same process number goes on with its file"


async def test_dry_run(spooled: Spooled, operator: Operator) -> None:
    """What is only shown is not told."""
    await operator(*DISCARD, "--dry-run")
    assert [] == told(spooled.data_dir)


@pytest.mark.parametrize("identifiers", ["clear", "keyed"])
async def test_identifiers(spooled: Spooled, operator: Operator, identifiers: str) -> None:
    """Of a listener with keyed identifiers the journal has a digest, otherwise the control ID."""
    text = operator.config.read_text().replace("{in: {", f"{{adt: {{identifiers: {identifiers}, ")
    operator.config.write_text(text.replace("from: in,", "from: adt,"))
    await operator(*DISCARD)
    keys = [each.row.key for each in search(folder_of(spooled.data_dir), Query()).found]
    assert 2 == len(keys)
    assert all(each.startswith(PREFIX if identifiers == "keyed" else "C-m") for each in keys), keys


async def test_no_journal(spooled: Spooled, operator: Operator) -> None:
    """Without a journal the decision is carried out, and nothing is written."""
    operator.config.write_text(operator.config.read_text() + "journal: {enabled: false}\n")
    assert (0, b"discarded: 2\n", "") == await operator(*DISCARD)
    assert not folder_of(spooled.data_dir).exists()


async def test_journal_that_cannot_be_written(spooled: Spooled, operator: Operator) -> None:
    """The decision is carried out, and a line says that it is not in the journal."""
    folder_of(spooled.data_dir).write_bytes(b"no folder")
    status, out, err = await operator(*DISCARD)
    assert (0, b"discarded: 2\n") == (status, out)
    assert "journal_not_kept" in err

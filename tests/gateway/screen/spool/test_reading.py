"""What an operator sees of a payload."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.contract.body import WholeBody
from gateway.screen.spool import reading
from gateway.screen.spool.reading import lines, outline
from gateway.spool import Selection
from gateway.spool.operating.lookup import PayloadGone, UnknownEntry
from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import LARGE, MARK, SMALL, Spooled, filled_spool


@pytest.fixture
async def spooled(tmp_path: Path) -> AsyncIterator[Spooled]:
    """Return a spool with known entries."""
    async with filled_spool(tmp_path, FakeClock()) as filled:
        yield filled


async def test_outline(spooled: Spooled) -> None:
    """The fields of a message, and none of their values."""
    outlined = await outline(spooled.spool, spooled.parked)
    assert ("mllp", len(SMALL), False) == (outlined.protocol, outlined.octets, outlined.is_cut)
    assert ("PID-5", len(MARK)) in [(each.place, each.octets) for each in outlined.parts]
    assert MARK.decode() not in str(outlined)


async def test_cut(spooled: Spooled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large payload the beginning is read, and that is said."""
    monkeypatch.setattr(reading, "MOST_OCTETS", 40)
    outlined = await outline(spooled.spool, spooled.parked_large)
    assert (True, len(LARGE)) == (outlined.is_cut, outlined.octets)


async def test_not_there(spooled: Spooled) -> None:
    """A payload that is gone, and an entry that is not there, are told apart."""
    with pytest.raises(PayloadGone):
        await outline(spooled.spool, spooled.delivered)
    with pytest.raises(UnknownEntry):
        await outline(spooled.spool, "none")


async def test_unknown_protocol(spooled: Spooled, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that has no outline is shown by its size."""
    monkeypatch.setattr(reading, "outline_of", lambda *_: None)
    outlined = await outline(spooled.spool, spooled.parked)
    assert ([], len(SMALL)) == (list(outlined.parts), outlined.octets)


async def test_lines(spooled: Spooled) -> None:
    """The content, in lines that cannot control anything."""
    assert (await spooled.spool.find(Selection())).records
    assert ["MSH|^~\\&|", f"PID|||1||{MARK.decode()}"] == await lines(WholeBody(SMALL), "mllp")
    assert ["MSH|\N{REPLACEMENT CHARACTER}[2J"] == await lines(WholeBody(b"MSH|\x1b[2J"), "mllp")


async def test_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large, of no known kind, or no instance although it says so, is not shown as text."""
    assert await lines(WholeBody(SMALL), "pigeon") is None
    assert await lines(WholeBody(b"no DICOM"), "dimse") is None
    monkeypatch.setattr(reading, "MOST_SHOWN", 10)
    assert await lines(WholeBody(SMALL), "mllp") is None

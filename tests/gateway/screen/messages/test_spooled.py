"""From a message to its entries in the spool."""

from pathlib import Path
from typing import Any, cast

from gateway.screen.messages.life import Life, life_of
from gateway.screen.messages.spooled import entries_of
from gateway.spool import Operations, SpoolError
from tests.gateway.screen.further import row
from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import filled_spool


def life(**values: Any) -> Life:
    """Return the life of a message with one row."""
    found = life_of("m1", [row(message_id="m1", **values)])
    assert found is not None
    return found


async def test_found(tmp_path: Path) -> None:
    """An entry is found by the control ID, and belongs to this message."""
    async with filled_spool(tmp_path, FakeClock()) as spooled:
        assert [spooled.parked] == [each.entry_id for each in await entries_of(life(key="C-m1"), spooled.spool)]
        assert [] == await entries_of(life(key="C-m2"), spooled.spool)
        assert [] == await entries_of(life(key="1.2.3", type="1.2.840.10008.5.1.4.1.1.2"), spooled.spool)


async def test_not_found(tmp_path: Path) -> None:
    """Without a spool, with a digest for a control ID, or without one, nothing is looked for."""
    assert [] == await entries_of(life(key="C-m1"), None)
    async with filled_spool(tmp_path, FakeClock()) as spooled:
        assert [] == await entries_of(life(key="keyed:0123"), spooled.spool)
        assert [] == await entries_of(life(key=""), spooled.spool)


class Broken:
    """A spool that cannot be read."""

    async def find(self, *_: object, **__: object) -> None:
        """Fail."""
        raise SpoolError("the spool cannot be read (SQLITE_BUSY)")


async def test_broken() -> None:
    """A spool that cannot be read now does not take the page away."""
    assert [] == await entries_of(life(key="C-m1"), cast("Operations", Broken()))

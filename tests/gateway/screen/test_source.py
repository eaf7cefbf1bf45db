"""Where the pages get what they show."""

from gateway.causes.site import Site
from gateway.contract.observed import Observed
from gateway.screen.source import Source
from gateway.screen.status_source import StatusSource
from tests.gateway.screen.screens import observed


async def test_status_source() -> None:
    """What the admin port has is a source of the pages, and what it says has all that they show."""

    async def observe() -> Observed:
        return observed()

    source: Source = StatusSource(observe, Site())
    assert "All is as usual." == (await source.status())["sentence"]
    assert [] == (await source.observed())["peers"]

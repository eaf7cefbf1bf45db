"""The parts that all destinations share."""

from collections.abc import AsyncIterator

from adapters.rest.destination import RestDestination, whole
from adapters.rest.settings import HttpSettings, RestSettings
from gateway.contract.body import Buffer


class Parts:
    """A body in parts of all three kinds of buffer."""

    length = None
    replayable = False

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the parts."""
        yield b"ab"
        yield bytearray(b"cd")
        yield memoryview(b"ef")


async def test_whole() -> None:
    """A body is joined, whatever its parts are."""
    assert b"abcdef" == await whole(Parts())


async def test_name_and_probe(closed_port: str) -> None:
    """A destination knows its name and, once entered, whether its store can be reached."""
    async with RestDestination("archive", RestSettings(url=closed_port)) as destination:
        assert "archive" == destination.name
        assert "connection refused" == await destination.probe()


def test_address() -> None:
    """The address that is shown has no query."""
    settings = HttpSettings(kind="http", url="https://store.example/hl7?code=geheim")
    assert "https://store.example/hl7" == RestDestination("archive", settings).address

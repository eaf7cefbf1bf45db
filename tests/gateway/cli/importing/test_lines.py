"""The lines of a source do not depend on how it was cut."""

import pytest

from gateway.cli.importing.lines import lines_of
from tests.gateway.cli.importing.test_sources import Cut

FILES = {
    "with and without carriage returns": (b"a\r\nbc\n\nd", [b"a", b"bc", b"", b"d"]),
    "an end at the end": (b"a\n", [b"a"]),
    "nothing": (b"", []),
    "a line that is too long": (b"a\n" + b"x" * 11 + b"\nb\n" + b"y" * 11, [b"a", None, b"b", None]),
    "the longest line": (b"x" * 10 + b"\n", [b"x" * 10]),
}


@pytest.mark.parametrize("piece", [1, 2, 5, 100])
@pytest.mark.parametrize(("data", "lines"), FILES.values(), ids=FILES)
async def test_lines(data: bytes, lines: list[bytes | None], piece: int) -> None:
    """Each line is told once, and one that is too long by its place only."""
    assert [line async for line in lines_of(Cut(data, piece), most=10)] == lines

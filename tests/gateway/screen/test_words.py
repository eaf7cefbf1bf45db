"""Small words that templates need."""

import pytest

from gateway.screen.words import in_path, our_address, side, without_full_stop

ADDRESSES = {
    "/": "/",
    "/spool?state=parked#top": "/spool?state=parked#top",
    "//evil.example/": "/",
    "/\\evil.example": "/",
    "https://evil.example/": "/",
    "javascript:alert(1)": "/",
    "/a\r\nSet-Cookie: x": "/",
    "/\t/evil.example": "/",
    "": "/",
}


@pytest.mark.parametrize(("address", "ours"), ADDRESSES.items())
def test_our_address(address: str, ours: str) -> None:
    """A link leads to this port and nowhere else."""
    assert ours == our_address(address)


NAMES = {"LAB|A": "LAB%7CA", "../spool": "..%2Fspool", "..": "%2E%2E", "a?b#c": "a%3Fb%23c", "é": "%C3%A9"}


@pytest.mark.parametrize(("name", "segment"), NAMES.items())
def test_in_path(name: str, segment: str) -> None:
    """A name is one segment of a path, whatever is in it."""
    assert segment == in_path(name)


def test_words() -> None:
    """Sides and titles are words for people."""
    assert ["Store side", "moon"] == [side("store"), side("moon")]
    assert "All is as usual" == without_full_stop("All is as usual. ")

"""Entries of a crosswalk are sealed: without the key nothing of them shows, and a changed one does not open."""

from dataclasses import astuple

import pytest

from adapters.deidentify.crosswalk.sealing import Entry, Sealer
from adapters.deidentify.errors import CrosswalkError

ENTRY = Entry("random", "patient", "hospital", "Größe 4815162\udce9", "ABCDEFGH234567AB")
SEALER = Sealer(bytes(range(32)))


def test_round() -> None:
    """What is sealed opens again, any text included, and is sealed differently each time."""
    one, other = SEALER.seal(ENTRY), SEALER.seal(ENTRY)
    assert one != other
    assert SEALER.open(one) == SEALER.open(other) == ENTRY
    assert not any(text.encode(errors="surrogateescape") in one for text in astuple(ENTRY))


@pytest.mark.parametrize("place", [0, 15, 16, 40, -1])
def test_changed(place: int) -> None:
    """One changed octet is found, and the error quotes nothing."""
    sealed = bytearray(SEALER.seal(ENTRY))
    sealed[place] ^= 1
    with pytest.raises(CrosswalkError, match="damaged") as caught:
        SEALER.open(bytes(sealed))
    assert "4815162" not in str(caught.value)


@pytest.mark.parametrize("sealed", [b"", b"x" * 20])
def test_no_entry(sealed: bytes) -> None:
    """Octets that are no entry do not open."""
    with pytest.raises(CrosswalkError):
        SEALER.open(sealed)


def test_other_key() -> None:
    """Another key opens nothing and has other tags."""
    other = Sealer(bytes(32))
    with pytest.raises(CrosswalkError):
        other.open(SEALER.seal(ENTRY))
    assert other.tag("a") != SEALER.tag("a")


def test_tags() -> None:
    """The tag of texts does not depend on where one ends and the next begins only."""
    assert SEALER.tag("a", "bc") != SEALER.tag("ab", "c")
    assert SEALER.tag("a", "b") == SEALER.tag("a", "b")

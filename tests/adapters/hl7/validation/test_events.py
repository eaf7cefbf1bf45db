"""Structures of events."""

import pytest

from adapters.hl7.validation.events import structures_of

CASES = {
    ("ADT", "A01"): "ADT_A01 ADT",
    ("ADT", "A08"): "ADT_A08 ADT_A01 ADT",
    ("ADT", "A28"): "ADT_A28 ADT_A05 ADT_A01 ADT",
    ("ACK", "A01"): "ACK_A01 ACK",
    ("SIU", "S14"): "SIU_S14 SIU_S12 SIU",
}


@pytest.mark.parametrize(("kind", "expected"), CASES.items(), ids=str)
def test_structures(kind: tuple[str, str], expected: str) -> None:
    """An event has a structure of its own, or that of another, which differs between the versions."""
    assert expected.split() == list(structures_of(*kind))

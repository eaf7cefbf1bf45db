"""Groups of pharmacy segments."""

import pytest

from adapters.fhir.rx import parts, rx_groups
from tests.adapters.fhir.making import segment

GROUPS: dict[str, tuple[str, str, list[str]]] = {
    "two orders": ("OBX ORC RXA RXR ORC RXA", "OBX", ["ORC RXA RXR", "ORC RXA"]),
    "no ORC": ("PV1 RXA RXR", "PV1", [" RXA RXR"]),
    "an ORC with two doses": ("ORC RXA OBX RXA", "", ["ORC RXA OBX RXA"]),
    "nothing": ("PV1 OBX", "PV1 OBX", []),
}


@pytest.mark.parametrize(("text", "before", "groups"), GROUPS.values(), ids=GROUPS)
def test_groups(text: str, before: str, groups: list[str]) -> None:
    """A group begins at each ORC, or at the first pharmacy segment where there is none."""
    first, found = rx_groups([segment(each) for each in text.split()])
    assert before == " ".join(each.name for each in first)
    assert groups == [" ".join([g.orc.name if g.orc else "", *(each.name for each in g.others)]) for g in found]


def test_parts() -> None:
    """A segment comes with those up to the next one of its name."""
    found = parts([segment(each) for each in ["ORC", "RXA", "RXR", "OBX", "RXA"]], "RXA")
    assert [["RXR", "OBX"], []] == [[each.name for each in rest] for _, rest in found]


def test_first() -> None:
    """A group gives its first segment with a name, or nothing."""
    _, (group,) = rx_groups([segment(each) for each in ("ORC", "RXE|1", "RXE|2")])
    assert (True, None) == (group.first("RXE") is group.others[0], group.first("RXD"))

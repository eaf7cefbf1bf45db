"""Links between the records of patients."""

import pytest

from adapters.rest.fhir.linkage import opposite, other, without_self
from tests.adapters.rest.fhir.making import entry

OTHER = {"other": {"reference": "Patient/2"}, "type": "replaces"}


def test_self() -> None:
    """A record is not linked to itself."""
    both = entry({"link": [OTHER, {**OTHER, "other": {"reference": "Patient/1"}}]}, 1, adds=("link",))
    assert [OTHER] == without_self(both, "Patient/1").resource["link"]
    alone = entry({"link": [OTHER]}, 1, adds=("link",))
    assert "link" not in without_self(alone, "Patient/2").resource
    assert (without := entry({}, 1)) is without_self(without, "Patient/2")


@pytest.mark.parametrize(
    ("link", "expected"), [(OTHER, "Patient/2"), ({}, ""), ({"other": "Patient/2"}, ""), ("Patient/2", ""), (None, "")]
)
def test_other(link: object, expected: str) -> None:
    """A link without a reference is to nobody."""
    assert expected == other(link)


def test_opposite() -> None:
    """A record does not replace the one that it is replaced by; other links have no opposite."""
    found = [opposite({**OTHER, "type": kind}) for kind in ("replaces", "replaced-by", "seealso")]
    assert ["link Patient/2 replaced-by", "link Patient/2 replaces", ""] == found

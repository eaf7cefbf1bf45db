"""What is left becomes JSON, and a required element that is gone says why."""

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.finish import MASKED, finished
from adapters.deidentify.fhir.reading import Number
from adapters.deidentify.fhir.tree import Leaf, Node


def test_values() -> None:
    """Texts, numbers and truths are written; what has been removed is not."""
    node = Node("Patient", items={"id": Leaf("a"), "active": False, "gender": Leaf("")})
    assert finished(node) == {"resourceType": "Patient", "id": "a", "active": False}
    assert finished(Node("Quantity", items={"value": Leaf("4.10", is_number=True)})) == {"value": Number("4.10")}


def test_nothing_is_left() -> None:
    """An object and a list without anything in them are not there; a resource has its type."""
    assert finished(Node("HumanName", items={"family": Leaf("")})) is None
    node = Node("Patient", items={"name": [Node("HumanName"), Node("HumanName", items={"family": Leaf("")})]})
    assert finished(node) == {"resourceType": "Patient"}


def test_lists() -> None:
    """Of a list there stays what is not empty."""
    node = Node("HumanName", items={"given": [Leaf("a"), Leaf(""), Leaf("b")]})
    assert finished(node) == {"given": ["a", "b"]}


@pytest.mark.parametrize(
    ("items", "stays"),
    [
        ({"url": Leaf("u"), "valueCode": Leaf("a")}, True),
        ({"url": Leaf("u"), "valueCode": Leaf("")}, False),
        ({"url": Leaf(""), "valueCode": Leaf("a")}, False),
        ({"url": Leaf("u"), "extension": [Node("Extension")]}, False),
    ],
)
def test_extensions(items: dict[str, object], stays: bool) -> None:
    """An extension without a value or without its URL says nothing (ext-1 of R4)."""
    assert (finished(Node("Extension", items=items)) is not None) == stays


def test_required() -> None:
    """A required element that is gone is masked: a primitive beside it, an object in its place, a list as its item."""
    made = finished(Node("Observation", {"status", "code"}))
    assert made == {"resourceType": "Observation", "_status": MASKED, "code": MASKED}
    content = finished(Node("DocumentReference.content", {"attachment"}))
    assert content == {"attachment": MASKED}
    claim = finished(Node("Claim", {"type", "use", "priority", "provider"}))
    assert claim
    assert claim["type"] == MASKED
    assert finished(Node("Goal", {"subject", "description"}))


def test_required_that_was_never_there() -> None:
    """What the sender left out is not made up."""
    assert finished(Node("Observation", {"status"}, {"status": Leaf("final")})) == {
        "resourceType": "Observation", "status": "final",
    }  # fmt: skip


def test_required_with_a_reason() -> None:
    """A reason that the sender gave is enough."""
    reason = Node("Element", items={"extension": [Node("Extension", items={"url": Leaf("u"), "valueCode": Leaf("a")})]})
    made = finished(Node("Observation", {"status"}, {"_status": reason}))
    assert made == {"resourceType": "Observation", "_status": {"extension": [{"url": "u", "valueCode": "a"}]}}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("CapabilityStatement", "format"),  # a list of codes: each item would need its own reason
        ("Bundle", "type"),  # it decides what a store does
        ("Bundle.entry.request", "method"),
        ("Bundle.entry.request", "url"),
        ("Contract.signer", "signature"),  # what it must have itself would be missing
    ],
)
def test_cannot_be_masked(kind: str, name: str) -> None:
    """Where no reason can stand, or nobody may be told less, the whole is held back."""
    with pytest.raises(HeldBackError, match="would be lost"):
        finished(Node(kind, {name}))

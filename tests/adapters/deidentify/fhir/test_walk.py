"""Each element of a resource is looked at by its definition; what has none goes."""

from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.extensions import ABSENT, Extensions
from adapters.deidentify.fhir.finish import finished
from adapters.deidentify.fhir.people import People
from adapters.deidentify.fhir.tree import Leaf, Node
from adapters.deidentify.fhir.walk import Walk, leaves
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.dates import moved
from tests.adapters.deidentify.fhir.making import (
    DAYS,
    PATIENT,
    PSEUDONYMS,
    SUBJECT,
    SYSTEM,
    bundle,
    identifiers,
    values,
)

KEPT = "http://example.org/kept"


def walked(resource: dict[str, Any], manifest: Manifest | None = None) -> Any:
    """Return what stays of a resource beside PATIENT, before it is searched."""
    root = bundle(PATIENT, resource)
    told = manifest or Manifest("test", "key")
    with values(HeldBackError("none"), "", told) as made:
        walk = Walk(made, People(root, identifiers()), Extensions([KEPT], keeps_times=True), PSEUDONYMS, told)
        return finished(walk.resource(resource))


def flag(**elements: Any) -> dict[str, Any]:
    """Return a flag of PATIENT."""
    return {"resourceType": "Flag", "subject": SUBJECT, **elements}


def test_elements() -> None:
    """What the definition has stays by its datatype; another name, or another form, goes and is counted."""
    manifest = Manifest("test", "key")
    made = walked(
        flag(status="active", mood="Anna", category={"text": "x"}, code=[{"text": "x"}], period="x"), manifest
    )
    assert made["status"] == "active"
    assert not {"mood", "category", "period"} & made.keys()
    assert manifest.done["structure", "removed"] == 1
    assert manifest.done["form", "removed"] == 3
    assert "Anna" not in repr(manifest)


@pytest.mark.parametrize("kind", ["Binary", "Parameters", "Nobody", "", "HumanName", "Flag.x"])
def test_types(kind: str) -> None:
    """A resource that is not known is held back wherever it is."""
    for given in ({"resourceType": kind}, flag(contained=[{"resourceType": kind}]), bundle({"resourceType": kind})):
        with pytest.raises(HeldBackError, match="type that is not de-identified"):
            walked(given)


def test_removed() -> None:
    """Types and paths of which nothing stays."""
    made = walked({**PATIENT, "telecom": [{"value": "1"}], "text": {"div": "x"}, "meta": {"source": "x"}})
    assert made.keys() == {"resourceType", "id", "identifier", "birthDate"}


def test_each_resource_has_its_days() -> None:
    """Dates of an entry are moved by those of its own patient; of a contained one by those of its container."""
    inner = {"resourceType": "Encounter", "id": "e", "period": {"start": "2024-05-08"}}
    made = walked(flag(period={"start": "2024-05-08"}, contained=[inner]))
    assert made["period"]["start"] == made["contained"][0]["period"]["start"] == moved("2024-05-08", DAYS)


def test_identifier_without_its_value() -> None:
    """An identifier whose number goes says nothing any more."""
    other = {"system": "http://x.org", "value": "1", "type": {"text": "MR"}}
    assert "identifier" not in walked(flag(identifier=[other]))
    assert walked(flag(identifier=[{"system": SYSTEM}]))["identifier"] == [{"system": SYSTEM}]


def test_reference() -> None:
    """An identifier in a reference is that of what it points to."""
    made = walked(flag(encounter={"identifier": {"system": SYSTEM, "value": "V1"}}))
    assert made["encounter"]["identifier"]["value"] == PSEUDONYMS.identifier("visit", "V1")
    made = walked(flag(author={"reference": "Device/d", "identifier": {"value": "D1"}, "display": "Quagmire"}))
    assert made["author"]["identifier"]["value"] == PSEUDONYMS.identifier("fhir Device", "D1")
    assert made["author"].keys() == {"reference", "identifier"}


def test_extensions() -> None:
    """Those that are listed are walked through, with what is in them; the depth is again what it was."""
    inner = {"url": "text", "valueCode": "A"}
    kept = {"url": KEPT, "extension": [inner]}
    assert walked(flag(extension=[kept, inner, {"url": "http://x.org", "valueCode": "B"}]))["extension"] == [kept]
    with pytest.raises(HeldBackError, match="modifier extension"):
        walked(flag(modifierExtension=[{"url": "http://x.org", "valueCode": "B"}]))
    assert walked(flag(modifierExtension=[{"url": KEPT, "valueCode": "B"}]))["modifierExtension"]


def test_beside_a_primitive() -> None:
    """Of what stands beside a primitive element there stay the extensions that stay anywhere."""
    reason = {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}
    assert walked(flag(_status={**reason, "id": "Anna"}))["_status"] == reason
    for name, value in (
        ("_status", "x"),
        ("_status", [reason]),
        ("_subject", reason),
        ("_mood", reason),
        ("_", reason),
    ):
        assert name not in walked({**flag(), name: value})


def test_great_age() -> None:
    """A quantity that is an age above 89 goes as a whole."""
    observation = {"resourceType": "Observation", "subject": SUBJECT, "valueQuantity": {"value": 0, "code": "a"}}
    assert "valueQuantity" not in walked(observation) or walked(observation)["valueQuantity"] == {"code": "a"}


def test_leaves() -> None:
    """Every text of a tree is found with the object that has it, at any depth."""
    inner = Node("HumanName", items={"family": Leaf("a"), "given": [Leaf("b"), Leaf("c")]})
    root = Node("Patient", items={"id": Leaf("d"), "name": [inner], "active": True})
    assert sorted((holder.kind, leaf.text) for holder, leaf in leaves(root)) == [
        ("HumanName", "a"), ("HumanName", "b"), ("HumanName", "c"), ("Patient", "d"),
    ]  # fmt: skip

"""Medications: codes, or resources of their own."""

import pytest

from adapters.fhir.bundle import Resource
from adapters.fhir.medications import of, quantity_in, set_medication
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import Json, context, fields, segment

PLAIN = {2: "1^Aspirin^L"}
RXC = ("RXC|A|2^Saline^L|500|mL", "RXC|A||3")


def found(name: str, values: dict[int, str], *components: str) -> tuple[Json, Json | None, set[str]]:
    """Return the resource that refers to the medication, the medication, and what the first one owns."""
    state = context()
    made = Resource("MedicationRequest", ("k",), "u", {})
    set_medication(made, segment(fields(name, values)), [segment(each) for each in components], state)
    medication = of(made, state)
    return made.body, medication.body if medication else None, made.owns


def test_code() -> None:
    """A medication of which only the code is known is a concept."""
    body, medication, owns = found("RXE", PLAIN)
    assert ("Aspirin", None, {"medication[x]"}) == (body["medicationCodeableConcept"]["text"], medication, owns)


@pytest.mark.parametrize("code", ["", '""'])
def test_nothing(code: str) -> None:
    """R4 demands a medication: it is unknown where none is sent, and the message does not own it."""
    body, _, owns = found("RXE", {2: code})
    assert ({"medicationCodeableConcept": {"text": "unknown"}}, set()) == (body, owns)


STRENGTHS: dict[str, tuple[dict[int, str], Json]] = {
    "per piece": (
        {25: "500", 26: "mg"},
        {"numerator": {"value": 500, "unit": "mg"}, "denominator": {"value": 1}},
    ),
    "per volume": (
        {25: "5", 26: "mg", 33: "10", 34: "mL"},
        {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 10, "unit": "mL"}},
    ),
}


@pytest.mark.parametrize(("values", "strength"), STRENGTHS.values(), ids=STRENGTHS)
def test_strength(values: dict[int, str], strength: Json) -> None:
    """Strength is of the medication itself, per volume or per piece."""
    _, medication, _ = found("RXE", {**PLAIN, **values})
    assert medication is not None
    ratio = medication["ingredient"][0]["strength"]
    shown = {name: {key: each[key] for key in ("value", "unit") if key in each} for name, each in ratio.items()}
    assert strength == shown


def test_form() -> None:
    """The form makes a Medication."""
    _, medication, _ = found("RXE", {**PLAIN, 6: "^Tablet"})
    assert medication is not None
    assert ("Tablet", "Aspirin") == (medication["form"]["text"], medication["code"]["text"])


def test_components() -> None:
    """Components of a mixture are ingredients, with their amount; one without a code is left out."""
    _, medication, _ = found("RXE", {2: ""}, *RXC)
    assert medication is not None
    (ingredient,) = medication["ingredient"]
    assert ("Saline", 500) == (
        ingredient["itemCodeableConcept"]["text"],
        ingredient["strength"]["numerator"]["value"],
    )
    assert "code" not in medication


def test_component_without_amount() -> None:
    """A component may have no amount."""
    _, medication, _ = found("RXE", {2: ""}, "RXC|B|2^Saline^L")
    assert medication is not None
    assert "strength" not in medication["ingredient"][0]


def test_batch() -> None:
    """Lot, expiration and manufacturer are those of what was dispensed."""
    _, medication, _ = found("RXD", {**PLAIN, 18: "L1~L2", 19: "20250101", 20: "A^Acme"})
    assert medication is not None
    assert ({"lotNumber": "L1", "expirationDate": "2025-01-01"}, "Acme") == (
        medication["batch"],
        medication["manufacturer"]["display"],
    )


def test_deleted_batch() -> None:
    """A lot that the sender deletes makes no Medication."""
    assert found("RXD", {**PLAIN, 18: '""', 19: '""', 20: '""'})[1] is None


def test_no_number() -> None:
    """An amount that is no number is left out and reported."""
    state = context()
    made = quantity_in(segment("RXE|||some"), 3, {}, state)
    assert (None, [Reason.UNREADABLE]) == (made, [each.reason for each in state.report])

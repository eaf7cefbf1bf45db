"""References by number and by role."""

from adapters.fhir.references import contact, order_reference
from tests.adapters.fhir.making import context


def test_order() -> None:
    """An order is named by its number and the number's type."""
    found = order_reference("O1^H", context(), "PLAC")
    assert found is not None
    assert ("ServiceRequest", "O1", "PLAC") == (
        found["type"],
        found["identifier"]["value"],
        found["identifier"]["type"]["coding"][0]["code"],
    )


def test_nothing() -> None:
    """Without a number, and without a name, there is no reference."""
    assert (None, None) == (order_reference("^H", context(), "PLAC"), contact("", context(), "enterer"))


def test_contact() -> None:
    """A role is a code if HL7 has one, and otherwise a word."""
    state = context()
    coded, named = contact("1^Ash", state, "enterer"), contact("1^Ash", state, "placer contact")
    assert coded is not None
    assert named is not None
    assert ("enterer", "placer contact") == (coded["type"][0]["coding"][0]["code"], named["type"][0]["text"])

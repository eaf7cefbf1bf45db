"""Single values. What becomes of resources is in test_fhir.py."""

from adapters.deidentify.fhir.identifiers import Identifiers
from adapters.deidentify.fhir.links import Links
from adapters.deidentify.fhir.reading import Number
from adapters.deidentify.fhir.structure import Element, elements_of
from adapters.deidentify.fhir.tree import Leaf
from adapters.deidentify.google.fhir_values import GoogleValues
from adapters.deidentify.google.pseudonyms import OneDomain
from adapters.deidentify.google.transformations import Transformations
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.search import OwnIdentifiers
from tests.adapters.deidentify.google.support import PSEUDONYMS


def values(own: OwnIdentifiers) -> GoogleValues:
    """Return what makes values, without a transformation of its own."""
    links = Links(PSEUDONYMS)
    identifiers = Identifiers(PSEUDONYMS, OneDomain(), links, [], own.is_in)
    return GoogleValues(Transformations(), links, identifiers, own, Manifest("p", "k"), lambda kind: kind == "Patient")


def element(kind: str, name: str) -> Element:
    """Return an element of R4."""
    return (elements_of(kind) or {})[name]


def test_passed() -> None:
    """Values of their type pass as they are; a text where a truth value belongs does not."""
    made = values(OwnIdentifiers())
    assert made.passed(True, element("Patient", "active")) is True
    assert made.passed(True, element("Patient", "gender")) is None
    number = made.passed(Number("4.10"), element("Quantity", "value"))
    assert isinstance(number, Leaf)
    assert (number.text, number.is_number) == ("4.10", True)
    assert made.passed(None, element("Patient", "gender")) is None


def test_links() -> None:
    """A link to a resource whose id changes is changed, and another one is not."""
    made, reference = values(OwnIdentifiers()), element("Reference", "reference")
    changed = made.passed("http://x.org/fhir/Patient/7", reference)
    assert isinstance(changed, Leaf)
    assert "/7" not in changed.text
    other = made.passed("Practitioner/7", reference)
    assert isinstance(other, Leaf)
    assert other.text == "Practitioner/7"
    made.contained = {"8": "Patient"}
    in_it = made.passed("#8", reference)
    assert isinstance(in_it, Leaf)
    assert in_it.text != "#8"
    contained = made.passed("#7", reference)
    assert isinstance(contained, Leaf)
    assert contained.text == "#7"


def test_what_was_transformed_is_noted() -> None:
    """Names, dates and numbers are searched for afterwards; codes and long texts are not."""
    own = OwnIdentifiers()
    made = values(own)
    made.transformed("Quagmire", element("HumanName", "family"), "Patient", is_name=True)
    made.transformed("4711007", element("Identifier", "value"), "Patient", is_name=False)
    made.transformed("1980-03-15", element("Patient", "birthDate"), "Patient", is_name=False)
    made.transformed("official", element("HumanName", "use"), "Patient", is_name=True)
    made.transformed("word " * 20, element("CodeableConcept", "text"), "Patient", is_name=False)
    assert [own.is_in(each) for each in ("Mr Quagmire", "no 4711007", "born 15.03.1980", "official", "word")] == [
        True,
        True,
        True,
        False,
        False,
    ]

"""What is done to one value, by its datatype."""

from typing import Any

import pytest

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.fhir.reading import Number
from adapters.deidentify.fhir.structure import elements_of
from adapters.deidentify.fhir.tree import Leaf
from adapters.deidentify.manifest import Manifest
from tests.adapters.deidentify.fhir.making import PSEUDONYMS, YEAR, values

LOINC = "http://loinc.org"


def value(path: str, given: Any, holder: Any = None, **profile: Any) -> Any:
    """Return the text that stays of a value of an element; *path* has the JSON name of it."""
    kind, _, name = path.rpartition(".")
    element = (elements_of(kind) or {})[name]
    with values(-7, kind.partition(".")[0], **profile) as made:
        found = made.value(given, element, holder if holder is not None else {name: given})
    return found.text if isinstance(found, Leaf) else found


KEPT = {
    "a code": ("Patient.gender", "female"),
    "a truth": ("Patient.active", True),
    "a number": ("Quantity.value", Number("4.10")),
    "a whole number": ("Timing.repeat.count", Number("3")),
    "a time": ("Timing.repeat.timeOfDay", "08:00:00"),
    "a language": ("Patient.language", "de-AT"),
    "a system": ("Coding.system", LOINC),
    "a profile": ("Meta.profile", "http://x.org/p|1.0"),
    "a unit": ("Quantity.unit", "mg/dL"),
    "a state": ("Address.state", "CA"),
    "a type": ("Reference.type", "Patient"),
}


@pytest.mark.parametrize("case", KEPT)
def test_kept(case: str) -> None:
    """What has the form of its datatype and names nobody stays."""
    path, given = KEPT[case]
    assert value(path, given) == (given.digits if isinstance(given, Number) else given)


GONE = {
    "no code": ("Patient.gender", "Anna"),
    "a truth as a text": ("Patient.active", "true"),
    "a text as a truth": ("Quantity.unit", True),
    "a number as a text": ("Quantity.value", "4.10"),
    "a number as a date": ("Patient.birthDate", Number("1980")),
    "a number of many digits": ("Timing.repeat.count", Number("12345678901")),
    "a broken number": ("Timing.repeat.count", Number("1.5")),
    "no time": ("Timing.repeat.timeOfDay", "at Anna's"),
    "a name": ("HumanName.family", "Quagmire"),
    "a name of a place": ("Location.name", "Anna's home"),
    "a device": ("Device.serialNumber", "4711007"),
    "a text": ("CodeableConcept.text", "Sodium"),
    "a display": ("Reference.display", "Quagmire"),
    "a country in words": ("Address.country", "Germany"),
    "no type": ("Reference.type", "Quagmire"),
    "nothing": ("Patient.gender", None),
    "a list": ("Patient.gender", ["female"]),
    "an object": ("Patient.gender", {"a": 1}),
    "an address": ("Device.url", "http://his.example/4711007"),
}


@pytest.mark.parametrize("case", GONE)
def test_gone(case: str) -> None:
    """What names somebody, or is not in its form, goes, and is counted without its value."""
    path, given = GONE[case]
    manifest = Manifest("test", "key")
    assert value(path, given, manifest=manifest) is None
    assert sum(manifest.done.values()) == (given is not None)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Observation.effectiveDateTime", "2024-05-08T10:00:00+02:00", "2024-05-01T10:00:00+02:00"),
        ("Observation.issued", "2024-05-08T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("Observation.issued", "2024-05-08T10:00:00.123456789+02:00", "2024-05-01T10:00:00.123+02:00"),
        ("Period.start", "2024-05", "2024-05"),
        ("Period.start", "2024", "2024"),
        ("Patient.birthDate", "1980-03-15", "1980"),
        ("Patient.birthDate", f"{YEAR - 90}-03-15", None),
        ("Patient.birthDate", "4711-00-07", None),
        ("FamilyMemberHistory.bornDate", "1980-03-15", "1980"),
        ("Period.start", "8 May 2024", None),
    ],
)
def test_dates(path: str, before: str, after: str | None) -> None:
    """Dates are moved by the patient's days, births are cut to their year."""
    assert value(path, before) == after


def test_dates_of_safe_harbor() -> None:
    """Only the year stays, and of an instant, which needs a clock, nothing."""
    assert value("Observation.effectiveDateTime", "2024-05-08T10:00:00Z", profile="safe_harbor") == "2024"
    assert value("Observation.issued", "2024-05-08T10:00:00Z", profile="safe_harbor") is None


def test_dates_of_nobody() -> None:
    """A date that belongs to nobody is held back with the reason; a birth year needs nobody."""
    element = (elements_of("Period") or {})["start"]
    with values(HeldBackError("it names no patient")) as made:
        with pytest.raises(HeldBackError, match="names no patient"):
            made.value("2024-05-08", element, {})
        birth = made.value("1980-03-15", (elements_of("Patient") or {})["birthDate"], {})
    assert isinstance(birth, Leaf)
    assert birth.text == "1980"


def test_within() -> None:
    """Behind a resource the days and the type are again those of what is around it."""
    element = (elements_of("Period") or {})["start"]
    with values(-7) as made:
        with made.within("Flag", -14):
            inner = made.value("2024-05-15", element, {})
        outer = made.value("2024-05-15", element, {})
    assert isinstance(inner, Leaf)
    assert isinstance(outer, Leaf)
    assert (inner.text, outer.text) == ("2024-05-01", "2024-05-08")


def test_ids() -> None:
    """The id of a resource is by its type, that of a contained one apart, and that of an element apart again."""
    element = (elements_of("Patient") or {})["id"]
    with values() as made:
        own = made.value("a", element, {})
        with made.about("Patient", is_contained=True):
            contained = made.value("a", element, {})
    assert isinstance(own, Leaf)
    assert isinstance(contained, Leaf)
    assert own.text == PSEUDONYMS.identifier("id Patient", "a")
    assert contained.text == PSEUDONYMS.identifier("id contained", "a")
    assert value("HumanName.id", "a") == PSEUDONYMS.identifier("id element", "a")


def test_coding() -> None:
    """Codes and names of known systems stay; of other systems a code is a short word, and a name free text."""
    known, other = {"system": LOINC, "code": "1-8"}, {"system": "http://x.org", "code": "1-8"}
    assert value("Coding.display", "Sodium of something", known) == "Sodium of something"
    assert value("Coding.display", "Sodium", other) is None
    assert value("Coding.display", "Sodium", other, text="known_identifiers") == "Sodium"
    long = "a" * 40
    assert (value("Coding.code", long, known), value("Coding.code", long, other)) == (long, None)


def test_what_is_searched() -> None:
    """What is made here is not searched again; what stays as it was is."""
    with values() as made:
        system = made.value(LOINC, (elements_of("Coding") or {})["system"], {})
        uid = made.value("1.2.840.10008.1.2", (elements_of("ImagingStudy.series") or {})["uid"], {})
        other = made.value("1.2.99", (elements_of("ImagingStudy.series") or {})["uid"], {})
    assert [each.is_own for each in (system, uid, other) if isinstance(each, Leaf)] == [False, False, True]


REQUEST = "Bundle.entry.request"


@pytest.mark.parametrize("url", ["Patient?name=Quagmire", "Quagmire", "$op", "", "Patient/1?x", "Patient/Quagmire/x/y"])
def test_request_that_cannot_stay(url: str) -> None:
    """A request that would do something else afterwards is held back, without its text."""
    with pytest.raises(HeldBackError) as caught:
        value(f"{REQUEST}.url", url)
    assert "Quagmire" not in str(caught.value)
    with pytest.raises(HeldBackError):
        value(f"{REQUEST}.ifNoneExist", "name=Quagmire", {"url": "Patient"})


def test_requests() -> None:
    """A type, an id and a condition stay what they are."""
    assert value(f"{REQUEST}.url", "Patient") == "Patient"
    assert value(f"{REQUEST}.url", "Flag/f1") == f"Flag/{PSEUDONYMS.identifier('id Flag', 'f1')}"
    condition = value(f"{REQUEST}.ifNoneExist", "identifier=http://x.org|V1", {"url": "Encounter"})
    assert condition == f"identifier=http%3A%2F%2Fx.org%7C{PSEUDONYMS.identifier('visit', 'V1')}"
    assert value("Bundle.entry.response.status", "201 Created for Anna") == "201"
    assert value("Bundle.entry.response.status", "Anna") is None


@pytest.mark.parametrize(
    ("given", "great"),
    [
        ({"value": Number("90"), "code": "a"}, True),
        ({"value": Number("89"), "code": "a"}, False),
        ({"value": Number("90"), "unit": "Years"}, True),
        ({"value": Number("1100"), "code": "mo"}, True),
        ({"value": Number("1000"), "code": "mo"}, False),
        ({"value": Number("90"), "unit": "kg"}, False),
        ({"value": Number("90")}, False),
        ({"value": "90", "code": "a"}, False),
        ({"code": "a"}, False),
    ],
)
def test_great_age(given: dict[str, Any], great: bool) -> None:
    """An age above 89 is known by its unit."""
    with values() as made:
        assert made.is_great_age(given) == great


def test_postcode() -> None:
    """Three digits of an American postcode stay."""
    assert value("Address.postalCode", "94110", {"country": "US"}) == "941"
    assert value("Address.postalCode", "10115", {"country": "DE"}) is None

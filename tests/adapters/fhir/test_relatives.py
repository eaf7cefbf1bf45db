"""Persons around a patient."""

from adapters.fhir.bundle import AS_OF, OWNS
from adapters.fhir.relatives import named
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, context, made, only, resources, segment

NK1 = "NK1|1|Test^Eva^^^Dr|MTH|Way 1|555||||||||||M|19600101"
WITH_NUMBER = NK1 + "|" * 17 + "77^^^H"


def test_contact() -> None:
    """A relative without a number is a contact of the patient."""
    found = made(PID, NK1)
    assert [] == resources(found, "RelatedPerson")
    assert "Test" == only(found, "Patient")["contact"][0]["name"]["family"]


def test_related_person() -> None:
    """A relative with a number, NK1-33, is a person, and no contact."""
    found = made(PID, WITH_NUMBER)
    person = only(found, "RelatedPerson")
    assert "contact" not in only(found, "Patient")
    assert ("77", "1960-01-01", "MTH") == (
        person["identifier"][0]["value"],
        person["birthDate"],
        person["relationship"][0]["coding"][0]["code"],
    )


def test_persons_of_two_patients() -> None:
    """The same number at two patients is two persons: FHIR's RelatedPerson has one patient."""
    one, other = (resources(made(each, WITH_NUMBER), "RelatedPerson")[0] for each in (PID, PID.replace("|7^", "|8^")))
    assert one["identifier"][-1] != other["identifier"][-1]


def test_a_result_names_a_relative() -> None:
    """A result creates a relative that is missing, and changes none."""
    found = made(PID, WITH_NUMBER, "OBR|1|P|F|1^x^LN", kind="ORU^R01")
    (entry,) = (each.entry() for each in found.bundle if each.kind == "RelatedPerson")
    assert ("POST", False) == (
        entry["request"]["method"],
        any(each["url"] == OWNS for each in entry.get("extension", ())),
    )


def test_only_a_relationship() -> None:
    """R4 takes no contact of which only the relationship is known; that is reported."""
    found = made(PID, "NK1|1||MTH")
    assert "contact" not in only(found, "Patient")
    assert Reason.NO_ELEMENT in {each.reason for each in found.report}


def test_named() -> None:
    """A person without a number is a name."""
    assert {"display": "Dr Eva Test"} == named(segment(NK1), 2, context())
    assert named(segment("NK1|1"), 2, context()) is None


def test_only_named() -> None:
    """PID-21 alone creates the mother if she is missing, and changes nothing of her."""
    (entry,) = (each.entry() for each in made(PID + "|" * 16 + "77^^^H").bundle if each.kind == "RelatedPerson")
    assert ("POST", {AS_OF}) == (entry["request"]["method"], {word["url"] for word in entry["extension"]})


def test_mother() -> None:
    """The mother of PID-21 is a person of whom the numbers are known; NK1 with the same number says more of her."""
    found = made(PID + "|" * 16 + "77^^^H", "NK1|1|Test^Eva" + "|" * 31 + "77^^^H")
    person = only(found, "RelatedPerson")
    assert ["PUT"] == [each.entry()["request"]["method"] for each in found.bundle if each.kind == "RelatedPerson"]
    assert ("77", "MTH", "Test") == (
        person["identifier"][0]["value"],
        person["relationship"][0]["coding"][0]["code"],
        person["name"][0]["family"],
    )

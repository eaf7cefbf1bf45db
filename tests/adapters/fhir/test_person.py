"""Patients with contacts, allergies and diagnoses."""

import pytest

from adapters.fhir.bundle import OWNS
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, PV1, Json, fields, made, only, resources


def test_contact() -> None:
    """NK1 is a contact of the patient."""
    found = only(made(PID, "NK1|1|Test^Eva|MTH|Way 1|555"), "Patient")
    (contact,) = found["contact"]
    assert ("Test", "MTH", "555") == (
        contact["name"]["family"],
        contact["relationship"][0]["coding"][0]["code"],
        contact["telecom"][0]["value"],
    )


def test_allergy() -> None:
    """AL1 is an allergy with its reaction."""
    found = only(made(PID, "AL1|1|DA|^Penicillin|SV|Rash~Fever"), "AllergyIntolerance")
    assert (["medication"], "high", "severe", 2) == (
        found["category"],
        found["criticality"],
        found["reaction"][0]["severity"],
        len(found["reaction"][0]["manifestation"]),
    )


def test_severity_without_a_reaction() -> None:
    """R4 takes no reaction without a manifestation; the severity is the criticality."""
    found = only(made(PID, "AL1|1||^Penicillin|MI"), "AllergyIntolerance")
    assert ("low", False) == (found["criticality"], "reaction" in found)


def test_allergy_without_a_substance() -> None:
    """An allergy to nothing has no key."""
    found = made(PID, "AL1|1|DA")
    assert [] == resources(found, "AllergyIntolerance")
    assert Reason.NO_KEY in {each.reason for each in found.report}


def test_deleted_allergy() -> None:
    """An allergy that IAM-6 deletes was an error; R4 takes no clinical status then."""
    found = only(made(PID, "IAM|1|DA|^Penicillin|||D", kind="ADT^A60"), "AllergyIntolerance")
    assert ("entered-in-error", False) == (
        found["verificationStatus"]["coding"][0]["code"],
        "clinicalStatus" in found,
    )


NUMBERS = {
    "the code is written otherwise": ("7980^Penicillin^RXNORM", "7980^Penicillin", "U1^HIS", "U1^HIS", True),
    "without a substance": ("^Penicillin", "", "U1^HIS", "U1^HIS", True),
    "another substance": ("^Penicillin", "^Latex", "U1^HIS", "U1^HIS", True),
    "another number": ("^Penicillin", "^Penicillin", "U1^HIS", "U2^HIS", False),
    "a deleted number": ("^Penicillin", "^Penicillin", '""', "", True),
}


@pytest.mark.parametrize(("one", "other", "number", "second", "is_same"), NUMBERS.values(), ids=NUMBERS)
def test_number_of_an_allergy(one: str, other: str, number: str, second: str, *, is_same: bool) -> None:
    """The number of IAM-7 finds an allergy again, so that a deletion does not miss it; else its substance does."""
    sent = (f"IAM|1|DA|{one}|||A|{number}", f"IAM|1|DA|{other}|||D|{second}")
    urls = [
        each.url
        for segment in sent
        for each in made(PID, segment, kind="ADT^A60").bundle
        if each.kind == "AllergyIntolerance"
    ]
    assert (2, is_same) == (len(urls), urls[0] == urls[1])


def test_numbered_and_listed() -> None:
    """AL1 and IAM of one substance are one allergy, in whatever order they come; two numbers are two."""
    sent = ("AL1|1|DA|^Penicillin", "IAM|1|DA|^Penicillin|||A|U1^HIS", "IAM|2|DA|^Penicillin|||A|U2^HIS")
    assert 2 == len(resources(made(PID, *sent, kind="ADT^A60"), "AllergyIntolerance"))
    deleted = ("AL1|1|DA|^Penicillin", "IAM|1|DA|^Penicillin|||D|U1^HIS")
    assert "clinicalStatus" not in only(made(PID, *deleted, kind="ADT^A60"), "AllergyIntolerance")


ACTIONS = {
    "D then A": (("D", "A"), "active", ""),
    "A then D": (("A", "D"), "", "entered-in-error"),
}


@pytest.mark.parametrize(("actions", "clinical", "verification"), ACTIONS.values(), ids=ACTIONS)
def test_last_action(actions: tuple[str, ...], clinical: str, verification: str) -> None:
    """Of two actions on one allergy the last one counts, and the message says so of both statuses."""
    found = made(PID, *(f"IAM|1|DA|^Penicillin|||{each}" for each in actions), kind="ADT^A60")
    assert (clinical, verification) == statuses(only(found, "AllergyIntolerance"))
    (made_of,) = (each for each in found.bundle if each.kind == "AllergyIntolerance")
    assert {"clinicalStatus" if verification else "verificationStatus"} <= made_of.clears - made_of.owns


@pytest.mark.parametrize(("actions", "clinical", "verification"), ACTIONS.values(), ids=ACTIONS)
def test_last_action_on_a_diagnosis(actions: tuple[str, ...], clinical: str, verification: str) -> None:
    """Of two actions on one diagnosis the last one counts, also in the list of the visit."""
    found = made(PID, PV1, *("DG1|1||I10^^I10" + "|" * 18 + each for each in actions))
    assert (clinical, verification) == statuses(only(found, "Condition"))
    assert bool(clinical) == ("diagnosis" in only(found, "Encounter"))


def statuses(resource: Json) -> tuple[str, str]:
    """Return the codes of clinical and verification status."""
    given = (resource.get(each, {}).get("coding", [{}]) for each in ("clinicalStatus", "verificationStatus"))
    one, other = (each[0].get("code", "") for each in given)
    return one, other


VERIFIED = {
    "E": ("", "entered-in-error"),
    "C": ("active", "confirmed"),
    "I": ("inactive", "confirmed"),
    "S": ("active", "unconfirmed"),
    '""': ("active", ""),
    "Z": ("active", ""),
}


@pytest.mark.parametrize(("sent", "expected"), VERIFIED.items())
def test_verification(sent: str, expected: tuple[str, str]) -> None:
    """IAM-17 gives both statuses: an erroneous allergy is not active; a code that is not in the table is reported."""
    found = made(PID, "IAM|1|DA|^Penicillin|||A" + "|" * 11 + sent, kind="ADT^A60")
    assert expected == statuses(only(found, "AllergyIntolerance"))
    assert (sent == "Z") == (Reason.NOT_IN_TABLE in {each.reason for each in found.report})


def test_verification_stays() -> None:
    """AL1 after IAM takes nothing of what IAM has said."""
    found = made(PID, "IAM|1|DA|^Penicillin|||A" + "|" * 11 + "C", "AL1|1|DA|^Penicillin", kind="ADT^A60")
    assert ("active", "confirmed") == statuses(only(found, "AllergyIntolerance"))


def test_diagnosis() -> None:
    """DG1 is a condition that the visit lists with its use."""
    found = made(PID, PV1, "DG1|1||I10^Hypertension^I10||20240501|A")
    visit = only(found, "Encounter")
    assert "AD" == visit["diagnosis"][0]["use"]["coding"][0]["code"]
    assert "2024-05-01" == only(found, "Condition")["onsetDateTime"]


def test_diagnosis_in_words() -> None:
    """A diagnosis may have a text only; the message owns the list of diagnoses."""
    found = made(PID, PV1, "DG1|1|||Hypertension")
    assert {"text": "Hypertension"} == only(found, "Condition")["code"]
    entry = next(each.entry() for each in found.bundle if each.kind == "Encounter")
    assert {"url": OWNS, "valueString": "diagnosis"} in entry["extension"]


def test_description() -> None:
    """DG1-4 is the text of the code, whose name stays in its coding."""
    code = only(made(PID, "DG1|1||I10^Hypertension^I10|Essential"), "Condition")["code"]
    assert ("Essential", "Hypertension") == (code["text"], code["coding"][0]["display"])


LISTS = {
    "without actions": (("", ""), 2, {"owns"}),
    "with actions": (("A", "U"), 2, {"adds"}),
    "one without": (("", "A"), 2, {"adds"}),
    "one is deleted": (("", "D"), 1, {"owns"}),
    "deleted": (("D", "D"), 0, set()),
}


@pytest.mark.parametrize(("actions", "count", "words"), LISTS.values(), ids=LISTS)
def test_list_of_diagnoses(actions: tuple[str, ...], count: int, words: set[str]) -> None:
    """The message owns the list only if it is the whole list; what it deletes is not listed."""
    sent = (f"DG1|{number}||I{number}^^I10" + "|" * 18 + each for number, each in enumerate(actions, 1))
    found = made(PID, PV1, *sent)
    assert count == len(only(found, "Encounter").get("diagnosis", ()))
    (stay,) = (each for each in found.bundle if each.kind == "Encounter")
    assert words == {name for name in ("owns", "adds") if "diagnosis" in getattr(stay, name)}


def test_deleted_diagnosis() -> None:
    """A diagnosis that DG1-21 deletes was an error."""
    found = only(made(PID, "DG1|1||I10^^I10" + "|" * 18 + "D"), "Condition")
    assert "entered-in-error" == found["verificationStatus"]["coding"][0]["code"]


def test_no_diagnosis() -> None:
    """A diagnosis without code and text has no key."""
    found = made(PID, "DG1|1")
    assert [] == resources(found, "Condition")
    assert Reason.NO_KEY in {each.reason for each in found.report}


TWICE = {
    "names": (fields("PID", {3: "7^^^H", 5: "Test^Anna~Test^Anna"}), "name"),
    "a name and its alias": (fields("PID", {3: "7^^^H", 5: "Test^Anna", 9: "Test^Anna"}), "name"),
    "addresses": (fields("PID", {3: "7^^^H", 11: "Way 1^^Town~Way 1^^Town"}), "address"),
    "telephone numbers": (fields("PID", {3: "7^^^H", 13: "555~555"}), "telecom"),
    "contacts, but for their numbers": ("PID|1||7^^^H\rNK1|1|Test^Eva|MTH\rNK1|2|Test^Eva|MTH", "contact"),
}


@pytest.mark.parametrize(("segments", "element"), TWICE.values(), ids=TWICE)
def test_twice(segments: str, element: str) -> None:
    """Of items that nothing tells apart there is one."""
    assert 1 == len(only(made(*segments.split("\r")), "Patient")[element])

"""Merges, links and moves."""

import json

import pytest

from adapters.fhir.bundle import ADDS, DROPS_LINK, OWNS
from adapters.fhir.convert import Conversion
from adapters.fhir.report import Reason
from gateway.contract.fhir import TAKES
from tests.adapters.fhir.making import PID, PV1, Json, fields, made, only, resources

MRG = "MRG|8^^^HOSP&1.2.3&ISO^MR||A8^^^H||V8^^^H"
OTHER = PID.replace("|7^", "|9^")


def entries(found: Conversion, kind: str) -> list[Json]:
    """Return the entries of a type."""
    return [each for each in json.loads(found.encoded())["entry"] if each["resource"]["resourceType"] == kind]


def words(entry: Json, url: str) -> list[str]:
    """Return the elements that an entry owns, adds, …."""
    return [each.get("valueString", "") for each in entry["extension"] if each["url"] == url]


@pytest.mark.parametrize("event", ["A40", "A34", "A39", "A18", "A36"])
def test_merge(event: str) -> None:
    """The record of MRG is inactive and replaced by the survivor, which is active; links between them are replaced."""
    survivor, prior = entries(made(PID, MRG, kind=f"ADT^{event}"), "Patient")
    assert [{"other": {"reference": survivor["fullUrl"]}, "type": "replaced-by"}] == prior["resource"]["link"]
    assert [{"other": {"reference": prior["fullUrl"]}, "type": "replaces"}] == survivor["resource"]["link"]
    assert (False, ["active"], ["link"]) == (prior["resource"]["active"], words(prior, OWNS), words(prior, ADDS))
    assert ("POST", True, True) == (
        prior["request"]["method"],
        survivor["resource"]["active"],
        "active" in words(survivor, OWNS),
    )
    assert [[other["fullUrl"]] for other in (prior, survivor)] == [
        [word["valueReference"]["reference"] for word in each["extension"] if word["url"] == DROPS_LINK]
        for each in (survivor, prior)
    ]


def test_chain() -> None:
    """A record that another group of the message ends stays ended, although a third one is merged into it."""
    groups = (OTHER, "MRG|7^^^HOSP&1.2.3&ISO^MR", PID, MRG)
    found = resources(made(*groups, kind="ADT^A40"), "Patient")
    assert {"7": False, "8": False, "9": True} == {each["identifier"][0]["value"]: each["active"] for each in found}


ACTIVE = {"A28": True, "A29": False, "A31": None, "A37": True}


@pytest.mark.parametrize(("event", "active"), ACTIVE.items())
def test_active(event: str, active: bool | None) -> None:
    """A person that is added or unlinked is active, one that is deleted is not; others do not say it."""
    one, other = resources(made(PID, OTHER, kind=f"ADT^{event}"), "Patient")
    assert [active, active] == [one.get("active"), other.get("active")]


def test_stub() -> None:
    """A merged record that the store lacks gets its identifier."""
    _, prior = resources(made(PID, MRG, kind="ADT^A40"), "Patient")
    assert ("urn:oid:1.2.3", "8") == (prior["identifier"][0]["system"], prior["identifier"][0]["value"])


def test_two_merged_records() -> None:
    """Each identifier of MRG-1 is a record."""
    found = resources(made(PID, "MRG|8^^^H^MR~9^^^H^MR", kind="ADT^A40"), "Patient")
    assert (3, 2) == (len(found), len(found[0]["link"]))


def test_merge_with_itself() -> None:
    """A record is not merged with itself."""
    found = made(PID, "MRG|7^^^HOSP&1.2.3&ISO^MR", kind="ADT^A40")
    assert "link" not in only(found, "Patient")
    assert Reason.SAME_RECORD in {each.reason for each in found.report}


@pytest.mark.parametrize(("event", "field"), [("A40", "MRG-1"), ("A45", "MRG-5"), ("A41", "MRG-3")])
def test_no_key(event: str, field: str) -> None:
    """Without an identifier there is nothing to merge."""
    found = made(PID, PV1, "MRG|", kind=f"ADT^{event}")
    assert (field, Reason.NO_KEY) in {(each.place, each.reason) for each in found.report}


def test_link() -> None:
    """A24 links two records."""
    found = resources(made(PID, OTHER, kind="ADT^A24"), "Patient")
    assert ["seealso", "seealso"] == [each["link"][0]["type"] for each in found]


def test_unlink() -> None:
    """A37 removes the links between two records."""
    one, other = entries(made(PID, OTHER, kind="ADT^A37"), "Patient")
    dropped = [each["valueReference"]["reference"] for each in one["extension"] if each["url"] == DROPS_LINK]
    assert [other["fullUrl"]] == dropped


def test_moved_identifier() -> None:
    """A43 adds the identifier of MRG to the patient."""
    (patient,) = entries(made(PID, MRG, kind="ADT^A43"), "Patient")
    assert ["8"] == [each["value"] for each in patient["resource"]["identifier"] if each["value"] == "8"]
    assert ["identifier"] == words(patient, ADDS)


TAKEN = {
    "8^^^HOSP&1.2.3&ISO^MR": ["urn:oid:1.2.3"],
    "8^^^HOSP^MR": [None, "urn:ietf:rfc:3986"],
    "8^^^HOSP&1.2.3&ISO^MR~55^^^SSA&1.2.9&ISO^SS": ["urn:oid:1.2.3"],
    "7^^^HOSP&1.2.3&ISO^MR": [],
    '""': [],
    "^^^HOSP^MR": [],
}


@pytest.mark.parametrize(("raw", "systems"), TAKEN.items())
def test_taken_identifier(raw: str, systems: list[str | None]) -> None:
    """A43 takes a record's identifier from whoever has it; one without a system is also what is made of its key."""
    (patient,) = entries(made(PID, f"MRG|{raw}", kind="ADT^A43"), "Patient")
    taken = [each["valueIdentifier"] for each in patient["extension"] if each["url"] == TAKES]
    assert systems == [each.get("system") for each in taken]
    assert all(each in patient["resource"]["identifier"] for each in taken)


def test_key_of_the_target() -> None:
    """The patient of A43 is found by another number than the one that moves, although PID-3 has that first."""
    pid = PID.replace("|7^", "|8^^^HOSP&1.2.3&ISO^MR~7^")
    (patient,) = entries(made(pid, MRG, kind="ADT^A43"), "Patient")
    assert "Patient?identifier=urn%3Aoid%3A1.2.3%7C7" == patient["request"]["url"]


def test_moved_visit() -> None:
    """A45 gives the visit of MRG to the patient."""
    found = made(PID, MRG, kind="ADT^A45")
    (visit,) = entries(found, "Encounter")
    assert ["subject"] == words(visit, OWNS)


@pytest.mark.parametrize(("event", "kind", "number"), [("A45", "Encounter", 5), ("A44", "Account", 3)])
def test_moved_number(event: str, kind: str, number: int) -> None:
    """A number without authority is one of the patient: what moves is found by it for the new patient, too."""
    numbers = {1: "8^^^HOSP&1.2.3&ISO^MR", number: "1"}
    before = f"PID|1||{numbers[1]}||Other^Bob" + "|" * 13 + "1"
    after = PID + "|" * 13 + "1"
    visit = fields("PV1", {2: "I", 19: "1"})
    (old,), (new,) = (entries(made(pid, visit, kind="ADT^A01"), kind) for pid in (before, after))
    (moved,) = entries(made(PID, fields("MRG", numbers), kind=f"ADT^{event}"), kind)
    found = {each["value"] for each in moved["resource"]["identifier"]}
    assert (old["fullUrl"], {old["fullUrl"], new["fullUrl"], "1"}) == (moved["fullUrl"], found)
    assert ["identifier"] == words(moved, ADDS)


def test_renumbered_without_authority() -> None:
    """A50 with a number that has no authority: the visit of MRG is found by it."""
    visit, prior = entries(made(PID, fields("PV1", {2: "I", 19: "1"}), MRG, kind="ADT^A50"), "Encounter")
    assert visit["fullUrl"] in {each["value"] for each in prior["resource"]["identifier"]}


def test_merged_visit() -> None:
    """A42 makes the visit of MRG a part of the other one."""
    visit, prior = entries(made(PID, PV1, MRG, kind="ADT^A42"), "Encounter")
    assert {"reference": visit["fullUrl"]} == prior["resource"]["partOf"]


def test_renumbered_visit() -> None:
    """A50 adds the new number to the visit of MRG."""
    _, prior = entries(made(PID, PV1, MRG, kind="ADT^A50"), "Encounter")
    assert ["V8", "V1"] == [each["value"] for each in prior["resource"]["identifier"][:2]]


@pytest.mark.parametrize(("event", "status"), [("A35", "inactive"), ("A41", "inactive"), ("A44", "unknown")])
def test_account(event: str, status: str) -> None:
    """A merged account is inactive, a moved one has another subject."""
    found = only(made(PID, MRG, kind=f"ADT^{event}"), "Account")
    assert (status, 1) == (found["status"], len(found["subject"]))


def test_merged_account() -> None:
    """The merged account is a part of the other one; A36 merges patient and account."""
    for event, patients in (("A41", 1), ("A36", 2)):
        found = made(PID + "|" * 13 + "A7^^^H", MRG, kind=f"ADT^{event}")
        account, prior = entries(found, "Account")
        assert {"reference": account["fullUrl"]} == prior["resource"]["partOf"]
        assert (patients, "active") == (len(resources(found, "Patient")), account["resource"]["status"])


def test_account_merged_with_itself() -> None:
    """An account is not merged with itself; one that moves is the same one."""
    merged = made(PID + "|" * 13 + "A8^^^H", MRG, kind="ADT^A41")
    assert ("active", True) == (
        only(merged, "Account")["status"],
        ("MRG-3", Reason.SAME_RECORD) in {(each.place, each.reason) for each in merged.report},
    )
    assert "active" == only(made(PID + "|" * 13 + "A8^^^H", MRG, kind="ADT^A44"), "Account")["status"]

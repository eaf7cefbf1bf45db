"""Accounts and guarantors."""

import pytest

from adapters.fhir.bundle import ADDS, OWNS
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import PID, PV1, Json, made, only, resources

WITH_ACCOUNT = PID + "|" * 13 + "A1^^^HOSP&1.2.3&ISO"
GT1 = "GT1|1|G5^^^H|Roe^Max||Way 2|777||19500101|M||FTH||20240101|20241231||||||||Y"


def test_account() -> None:
    """PID-18 is an account of the patient, which the visit names."""
    found = made(WITH_ACCOUNT, PV1)
    account = only(found, "Account")
    assert ("A1", "AN", "active") == (
        account["identifier"][0]["value"],
        account["identifier"][0]["type"]["coding"][0]["code"],
        account["status"],
    )
    assert 1 == len(only(found, "Encounter")["account"])


def test_status_is_not_owned() -> None:
    """An update does not open an account again that a merge has closed."""
    (entry,) = (each.entry() for each in made(WITH_ACCOUNT, kind="ADT^A08").bundle if each.kind == "Account")
    assert ["identifier"] == [each["valueString"] for each in entry["extension"] if each["url"] == OWNS]


def test_account_of_a_family() -> None:
    """An account may have several subjects: a message adds its own patient."""
    (entry,) = (each.entry() for each in made(WITH_ACCOUNT).bundle if each.kind == "Account")
    assert ["subject"] == [each["valueString"] for each in entry["extension"] if each["url"] == ADDS]


@pytest.mark.parametrize("number", ["", '""', "^^^H"])
def test_no_account(number: str) -> None:
    """Without a number there is no account."""
    assert [] == resources(made(PID + "|" * 13 + number), "Account")


def test_guarantor() -> None:
    """GT1 is a person who guarantees the account for a time."""
    found = made(WITH_ACCOUNT, GT1)
    (guarantor,) = only(found, "Account")["guarantor"]
    person = only(found, "RelatedPerson")
    assert (True, {"start": "2024-01-01", "end": "2024-12-31"}) == (guarantor["onHold"], guarantor["period"])
    assert ("Roe", "1950-01-01", "male", "FTH") == (
        person["name"][0]["family"],
        person["birthDate"],
        person["gender"],
        person["relationship"][0]["coding"][0]["code"],
    )


PARTIES: dict[str, tuple[str, Json]] = {
    "the patient": ("GT1|1|G5^^^H|Roe^Max||||||||SEL", {}),
    "a person without number": ("GT1|1||Roe^Max", {"display": "Max Roe"}),
    "an organization": ("GT1|1" + "|" * 20 + "Works^^W1", {"identifier": {"value": "W1"}, "display": "Works"}),
}


@pytest.mark.parametrize(("gt1", "party"), PARTIES.values(), ids=PARTIES)
def test_parties(gt1: str, party: Json) -> None:
    """A guarantor is the patient, a person or an organization."""
    found = made(WITH_ACCOUNT, gt1)
    (guarantor,) = only(found, "Account")["guarantor"]
    assert (party or guarantor["party"], []) == (guarantor["party"], resources(found, "RelatedPerson"))
    assert bool(party) != ("reference" in guarantor["party"])


@pytest.mark.parametrize("segments", [[PID, GT1], [WITH_ACCOUNT, "GT1|1"]])
def test_no_guarantor(segments: list[str]) -> None:
    """Without an account or a party there is no guarantor, which is reported."""
    found = made(*segments)
    assert all("guarantor" not in each for each in resources(found, "Account"))
    assert ("GT1-1", Reason.NO_KEY) in {(each.place, each.reason) for each in found.report}


def test_two_guarantors() -> None:
    """An account may have several guarantors; the same one is listed once."""
    found = made(WITH_ACCOUNT, GT1, GT1, "GT1|2||Doe^Ann")
    assert 2 == len(only(found, "Account")["guarantor"])

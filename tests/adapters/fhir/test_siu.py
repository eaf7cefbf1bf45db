"""Appointments."""

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.report import Reason
from adapters.fhir.siu import EVENTS, NO_APPOINTMENT
from adapters.fhir.tables import codes
from tests.adapters.fhir.judges import bindings
from tests.adapters.fhir.making import BERLIN, PID, PV1, Json, made, message, only, resources

TIME = "^^^20240510083000^20240510090000"
OTHER = PID.replace("|7^", "|9^")
AIP = "AIP|1|A|44^Müller^Eva^^^^^^HOSP&1.2.3&ISO|ATND||20240510083000|||30|min"


def sch(status: str = "", reason: str = "", time: str = TIME) -> str:
    """Return an SCH with these fields."""
    return "|".join(["SCH", "P1", "F1", "", "", "", reason, "", "", "", "", time, *[""] * 13, status])


def appointment(*segments: str, event: str = "S12") -> Json:
    """Return the appointment of a message."""
    return only(made(*segments, kind=f"SIU^{event}"), "Appointment")


def owned(*segments: str, event: str = "S12") -> tuple[set[str], set[str], set[str]]:
    """Return what the message owns, clears and adds of its appointment."""
    (found,) = (each for each in made(*segments, kind=f"SIU^{event}").bundle if each.kind == "Appointment")
    return found.owns, found.clears, found.adds


def test_statuses_are_codes() -> None:
    """Each status is one of R4's."""
    known = bindings()["http://hl7.org/fhir/ValueSet/appointmentstatus"]
    assert {*EVENTS.values()} - {""} <= known
    assert {each.code for each in codes("appointment_status").values()} <= known


STATUSES = {
    "booked": ("S12", "", "booked", True),
    "rescheduled": ("S13", "", "booked", True),
    "cancelled": ("S15", "", "cancelled", True),
    "discontinued": ("S16", "", "cancelled", True),
    "deleted": ("S17", "", "entered-in-error", True),
    "no-show": ("S26", "", "noshow", True),
    "a service is added": ("S18", "", "booked", False),
    "SCH-25": ("S14", "Started", "checked-in", True),
    "SCH-25 in capitals": ("S14", "COMPLETE", "fulfilled", True),
    "SCH-25 with a service": ("S19", "Pending", "pending", True),
    "a cancellation that SCH-25 does not know": ("S15", "Booked", "cancelled", True),
    "a cancellation that SCH-25 knows better": ("S15", "Noshow", "noshow", True),
    "a code that is no code": ("S12", "Scheduled", "booked", True),
}


@pytest.mark.parametrize(("event", "sent", "status", "is_owned"), STATUSES.values(), ids=STATUSES)
def test_status(event: str, sent: str, status: str, is_owned: bool) -> None:
    """The status is SCH-25 or that of the event; a status that nobody said is for a new appointment only."""
    assert status == appointment(sch(sent), PID, event=event)["status"]
    assert is_owned == ("status" in owned(sch(sent), PID, event=event)[0])


def test_unknown_status() -> None:
    """A status that is no code of table 0278 is reported."""
    report = made(sch("Scheduled"), PID, kind="SIU^S12").report
    assert [Reason.NOT_IN_TABLE] == [each.reason for each in report if each.place == "SCH-25"]


def test_cancellation_reason() -> None:
    """SCH-6 is why a cancelled appointment is cancelled; R4 has no element for other events (app-4)."""
    assert "ill" == appointment(sch(reason="^ill"), PID, event="S15")["cancelationReason"]["text"]
    assert "cancelationReason" not in appointment(sch(reason="^ill"), PID, event="S26")


def test_booked_again() -> None:
    """An appointment that is booked again is no longer cancelled for a reason; one that stays cancelled keeps it."""
    assert "cancelationReason" in owned(sch(), PID, event="S13")[1]
    assert "cancelationReason" not in owned(sch(), PID, event="S15")[1]


def test_time_of_a_service() -> None:
    """The start of a service is reported unless it is that of the appointment."""
    report = made(sch(), PID, "AIS|1||1^One|20240510083000", "AIS|2||2^Two|20240510084500", kind="SIU^S12").report
    assert ["AIS[2]-4"] == [each.place for each in report if each.place.startswith("AIS")]


KEYS = {
    "the filler's number": ("P1|F1", "P2|F1", True),
    "without the filler's the placer's": ("P1|", "P1|", True),
    "another filler's number": ("P1|F1", "P1|F2", False),
    "another one of a series": ("P1|F1|1", "P1|F1|2", False),
}


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS.values(), ids=KEYS)
def test_key(one: str, other: str, is_same: bool) -> None:
    """An appointment is found again by its number."""
    urls = [
        each.url
        for number in (one, other)
        for each in made(f"SCH|{number}", PID, kind="SIU^S12").bundle
        if each.kind == "Appointment"
    ]
    assert is_same == (urls[0] == urls[1])


REFUSED = {
    "no patient": ([sch()], NO_PATIENT),
    "no number of the patient": ([sch(), "PID|1"], NO_PATIENT_ID),
    "no number of the appointment": (["SCH||", PID], NO_APPOINTMENT),
    "no SCH": ([PID], NO_APPOINTMENT),
}


@pytest.mark.parametrize(("segments", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(segments: list[str], expected: object) -> None:
    """Without a key of the patient or of the appointment the message is refused."""
    assert expected == convert(message(*segments, kind="SIU^S12"), BERLIN)


def test_blocked_times() -> None:
    """Events about times without an appointment are not converted."""
    assert not isinstance(convert(message(sch(), PID, kind="SIU^S23"), BERLIN), Conversion)


def test_patients() -> None:
    """Each patient takes part, for the time of the appointment."""
    found = appointment(sch(), PID, OTHER)["participant"]
    period = {"start": "2024-05-10T08:30:00+02:00", "end": "2024-05-10T09:00:00+02:00"}
    assert [("accepted", period)] * 2 == [(each["status"], each["period"]) for each in found]


def test_person() -> None:
    """A person of AIP takes part in a role, for a time that ends after the duration."""
    found = appointment(sch(), PID, "RGS|1", AIP)["participant"][1]
    assert ("Eva Müller", "ATND", "2024-05-10T09:00:00+02:00") == (
        found["actor"]["display"],
        found["type"][0]["text"],
        found["period"]["end"],
    )


PARTS = {
    "a place": ("AIL|1||CARD^7^^HOSP", {"display": "CARD, 7, HOSP"}),
    "a thing": ("AIG|1||55^Scanner^L|Imaging", {"identifier": {"value": "55"}, "display": "Scanner"}),
    "a person without authority": ("AIP|1||9^Dent", {"identifier": {"value": "9"}, "display": "Dent"}),
}


@pytest.mark.parametrize(("segment", "actor"), PARTS.values(), ids=PARTS)
def test_actor(segment: str, actor: Json) -> None:
    """Places, things and people without an authority are references by identifier and name."""
    assert actor == appointment(sch(), PID, segment)["participant"][1]["actor"]


def test_status_of_a_participant() -> None:
    """AIP-12 is whether somebody takes part; without it an appointment that is not certain asks for an answer."""
    assert "declined" == appointment(sch(), PID, "AIP|1||9^Dent" + "|" * 9 + "Cancelled")["participant"][1]["status"]
    assert "needs-action" == appointment(sch("Pending"), PID)["participant"][0]["status"]


def test_deleted_participant() -> None:
    """What the segment action code deletes takes no part, and is not reported."""
    found = made(sch(), PID, AIP.replace("|A|", "|D|"), kind="SIU^S14")
    assert 1 == len(only(found, "Appointment")["participant"])
    assert [] == [each for each in found.report if each.place.startswith("AIP")]


def test_nobody() -> None:
    """A segment that names nobody gives no participant (app-1)."""
    assert 1 == len(appointment(sch(), PID, "AIP|1")["participant"])


def test_contacts() -> None:
    """The contacts of SCH take part in their roles."""
    found = appointment(sch().replace(TIME, f"{TIME}|1^Ash||||2^Birch||||3^Cedar"), PID)["participant"]
    assert ["placer contact", "filler contact", "enterer"] == [
        each["type"][0].get("text") or each["type"][0]["coding"][0]["code"] for each in found[1:]
    ]


def test_whole_or_more() -> None:
    """A message is the whole appointment, but S18 adds to it."""
    assert "participant" in owned(sch(), PID)[0]
    owns, _, adds = owned(sch(), PID, AIP, event="S18")
    assert ({"participant"}, False) == (adds, "participant" in owns)


ORDERS = {"the placer's": ("O1~O2|O9", ["O1", "O2"]), "the filler's": ("|O9", ["O9"]), "none": ("|", [])}


@pytest.mark.parametrize(("fields", "numbers"), ORDERS.values(), ids=ORDERS)
def test_orders(fields: str, numbers: list[str]) -> None:
    """Orders are named by the placer's numbers, or by the filler's, and not made."""
    found = made(f"{sch('Booked')}|{fields}", PID, kind="SIU^S12")
    assert numbers == [each["identifier"]["value"] for each in only(found, "Appointment").get("basedOn", ())]
    assert [] == resources(found, "ServiceRequest")


def test_comments() -> None:
    """Comments on the appointment and its parts are one text; a comment on an observation stays there."""
    found = made(sch(), "NTE|1||a~b", PID, "OBX|1|NM|1^x^LN||5", "NTE|1||o", "RGS|1", "AIS|1||9^Visit", "NTE|1||c",
                 kind="SIU^S12")  # fmt: skip
    assert ("a\nb\nc", "o") == (
        only(found, "Appointment")["comment"],
        only(found, "Observation")["note"][0]["text"],
    )


def test_service() -> None:
    """Each AIS is a service."""
    found = appointment(sch(), PID, "RGS|1", "AIS|1||1^One", "RGS|2", "AIS|1||2^Two")
    assert ["One", "Two"] == [each["text"] for each in found["serviceType"]]


def test_codes() -> None:
    """Reason and type have codes of HL7's tables."""
    found = appointment("SCH|P1||||||FOLLOWUP|Normal", PID)
    assert ("FOLLOWUP", "Normal") == (
        found["reasonCode"][0]["coding"][0]["code"],
        found["appointmentType"]["coding"][0]["code"],
    )


def test_visit() -> None:
    """The visit names its appointment; otherwise the message changes neither patient nor visit."""
    found = {each.kind: each for each in made(sch(), PID, PV1, kind="SIU^S12").bundle}
    assert [found["Appointment"].reference] == found["Encounter"].body["appointment"]
    assert (set(), {"appointment"}, set()) == (
        found["Encounter"].owns,
        found["Encounter"].adds,
        found["Patient"].owns,
    )


def test_diagnosis() -> None:
    """A diagnosis is the reason."""
    found = appointment(sch(), PID, PV1, "DG1|1||I10^^I10")
    assert 1 == len(found["reasonReference"])

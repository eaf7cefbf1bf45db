"""Keys of patients, visits and orders."""

import pytest

from adapters.fhir.context import Options
from adapters.fhir.convert import Conversion, convert
from adapters.fhir.identity import best, each_key, number_key, order_number, patient_key, visit_key
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.making import BERLIN, PID, context, fields, made, message, segment

OID = ("urn:oid:1.2.3", "7")
BEST = {
    "by the order of types": ("5^^^B^PI~7^^^HOSP&1.2.3&ISO^MR", (OID, OID)),
    "without a type before an unknown one": ("5^^^B^XX~6^^^B", (("HOSP", "B", "6"), None)),
    "never a social security number": ("5^^^B^SS", None),
    "an authority without URI: valid within the facility, MSH-4": ("7^^^WARD^MR", (("HOSP", "WARD", "7"), None)),
    "no authority: valid within the sender": ("7", (("APP", "HOSP", "", "7"), None)),
    "the facility": ("7^^^^MR^WARD", (("HOSP", "WARD", "7"), None)),
    "nothing": ("^^^HOSP^MR", None),
    "deleted": ('""', None),
}


@pytest.mark.parametrize(("raw", "key"), BEST.values(), ids=BEST)
def test_best(raw: str, key: object) -> None:
    """The key of a patient from a list of identifiers."""
    assert key == best(raw, context())


def test_configured_types() -> None:
    """The order of types is configured."""
    there = context(Options(identifier_types=("PI",)))
    assert (("HOSP", "B", "5"), None) == best("7^^^HOSP^MR~5^^^B^PI", there)


def test_patient_key() -> None:
    """Before HL7 2.3 the identifier is in PID-2."""
    assert (("HOSP", "B", "5"), None) == patient_key(segment("PID|1|5^^^B"), context())
    assert None is patient_key(segment("PID|1"), context())


def test_each_key() -> None:
    """All identifiers of a merged record count."""
    assert [("HOSP", "A", "1"), ("HOSP", "A", "2")] == [
        key for _, (key, _) in each_key("1^^^A~2^^^A~3^^^A^SS", context())
    ]


VISITS = {
    "visit number": ("PV1" + "|" * 19 + "V1^^^A", "", False, ((("HOSP", "A", "V1"), None), False)),
    "account": ("PV1|1", "C1^^^A", True, ((("HOSP", "A", "C1"), None), False)),
    "account that is no visit": ("PV1|1", "C1^^^A", False, None),
    "number without authority: one of the patient": (
        "PV1" + "|" * 19 + "1",
        "",
        False,
        ((("P", "APP", "HOSP", "", "1"), None), False),
    ),
    "start": ("PV1" + "|" * 44 + "20240501", "", False, ((("P", "PV1-44", "20240501"), None), True)),
}


@pytest.mark.parametrize(("pv1", "account", "is_visit", "key"), VISITS.values(), ids=VISITS)
def test_visit_key(pv1: str, account: str, is_visit: bool, key: object) -> None:
    """The key of a visit."""
    assert key == visit_key(segment(pv1), account, ("P",), context(Options(account_is_visit=is_visit)))


def test_order_number() -> None:
    """The number of an order is unique with its authority, or for its patient within the sender."""
    obr = segment("OBR|1|A1|B2^LAB^1.2.3^ISO|")
    assert [("P", "APP", "HOSP", "", "A1"), ("urn:oid:1.2.3", "B2"), None] == [
        order_number(obr, number, context(), ("P",)) for number in (2, 3, 4)
    ]


def test_number_key() -> None:
    """One identifier has one key."""
    assert (OID, OID) == number_key("7^^^HOSP&1.2.3&ISO", context())


OBR, OBX = "OBR|1|1|1|718-7^Hb^LN", "OBX|1|NM|718-7^Hb^LN||4|g/dL|||||F"
NUMBERED = {
    "visit and diagnosis": ("ADT^A01", fields("PV1", {2: "I", 19: "1"}), "DG1|1||I10^^I10"),
    "order and specimen": ("OML^O21", "ORC|NW|1", OBR, "SPM|1|1^1||BLD", OBX),
    "result": ("ORU^R01", "ORC|RE|1|1", OBR, "SPM|1|1^1||BLD", OBX),
    "document": ("MDM^T02", fields("TXA", {1: "1", 2: "CN", 12: "1", 13: "2"}), "OBX|1|TX|a||Text"),
    "appointment": ("SIU^S12", fields("SCH", {1: "1", 2: "1", 11: "^^^20240501100000^20240501110000"})),
    "vaccination": ("VXU^V04", "ORC|RE||1", "RXA|0|1|20240501||08^HepB^CVX|999"),
    "prescription": ("RDE^O11", "ORC|NW|1", "RXE||A^Aspirin^L|1||g"),
    "dose": ("RAS^O17", "ORC|NW|1", "RXA|0|1|20240501||A^Aspirin^L|1|g"),
    "dispensed": ("RDS^O13", fields("RXD", {1: "1", 2: "A^Aspirin^L", 3: "20240501", 4: "1", 7: "1"})),
    "charge": ("DFT^P03", fields("FT1", {2: "1", 4: "20240501", 6: "CG", 7: "A^B^L"})),
    "account": ("BAR^P01", "PV1|1|I"),
}


@pytest.mark.parametrize(("kind", "segments"), [(each[0], each[1:]) for each in NUMBERED.values()], ids=NUMBERED)
def test_numbers_of_two_patients(kind: str, segments: tuple[str, ...]) -> None:
    """A number without authority may be counted for each patient, or each day: it is not the same for another one."""
    one, other = (
        {each.url for each in made(f"{pid}{'|' * 13}1", *segments, kind=kind).bundle if each.kind != "Provenance"}
        for pid in (PID, PID.replace("|7^", "|9^"))
    )
    assert len(one) > 1
    assert set() == one & other


@pytest.mark.parametrize("number", ["123^^^MRN^MR", "123"])
def test_patients_of_two_facilities(number: str) -> None:
    """An authority that is a name means something in its facility only; the report tells what to set."""
    found = [convert(message(f"PID|1||{number}").replace(b"|HOSP|", facility), BERLIN) for facility in (b"|A|", b"|B|")]
    conversions = [each for each in found if isinstance(each, Conversion)]
    assert 2 == len({next(each.url for each in one.bundle) for one in conversions})
    assert [True, True] == [LeftOut("PID-3", Reason.KEYED_BY_SENDER) in one.report for one in conversions]


def test_people_of_two_facilities() -> None:
    """A number of a physician whose authority is a name is that of another person in another facility."""
    visit = fields("PV1", {2: "I", 7: "17^Heal^Ann^^^^^^DOC", 19: "V1^^^HOSP&1.2.3&ISO"})
    found = [convert(message(PID, visit).replace(b"|HOSP|", facility), BERLIN) for facility in (b"|A|", b"|B|")]
    urls = [
        each.url for one in found if isinstance(one, Conversion) for each in one.bundle if each.kind == "Practitioner"
    ]
    assert 2 == len(set(urls)) == len(urls)

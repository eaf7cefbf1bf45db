"""Keys of patients, visits and orders."""

import pytest

from adapters.fhir.context import Options
from adapters.fhir.identity import best, each_key, number_key, order_number, patient_key, visit_key
from tests.adapters.fhir.making import context, segment

OID = ("urn:oid:1.2.3", "7")
BEST = {
    "by the order of types": ("5^^^B^PI~7^^^HOSP&1.2.3&ISO^MR", (OID, OID)),
    "without a type before an unknown one": ("5^^^B^XX~6^^^B", (("B", "6"), None)),
    "never a social security number": ("5^^^B^SS", None),
    "an authority without URI": ("7^^^WARD^MR", (("WARD", "7"), None)),
    "no authority: valid within the sender": ("7", (("APP", "HOSP", "", "7"), None)),
    "the facility": ("7^^^^MR^WARD", (("WARD", "7"), None)),
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
    assert (("B", "5"), None) == best("7^^^HOSP^MR~5^^^B^PI", there)


def test_patient_key() -> None:
    """Before HL7 2.3 the identifier is in PID-2."""
    assert (("B", "5"), None) == patient_key(segment("PID|1|5^^^B"), context())
    assert None is patient_key(segment("PID|1"), context())


def test_each_key() -> None:
    """All identifiers of a merged record count."""
    assert [("A", "1"), ("A", "2")] == [key for key, _ in each_key("1^^^A~2^^^A~3^^^A^SS", context())]


VISITS = {
    "visit number": ("PV1" + "|" * 19 + "V1^^^A", "", False, ((("A", "V1"), None), False)),
    "account": ("PV1|1", "C1^^^A", True, ((("A", "C1"), None), False)),
    "account that is no visit": ("PV1|1", "C1^^^A", False, None),
    "start": ("PV1" + "|" * 44 + "20240501", "", False, ((("P", "PV1-44", "20240501"), None), True)),
}


@pytest.mark.parametrize(("pv1", "account", "is_visit", "key"), VISITS.values(), ids=VISITS)
def test_visit_key(pv1: str, account: str, is_visit: bool, key: object) -> None:
    """The key of a visit."""
    assert key == visit_key(segment(pv1), account, ("P",), context(Options(account_is_visit=is_visit)))


def test_order_number() -> None:
    """The number of an order is unique with its authority, or within its sender."""
    obr = segment("OBR|1|A1|B2^LAB^1.2.3^ISO|")
    assert [("APP", "HOSP", "", "A1"), ("urn:oid:1.2.3", "B2"), None] == [
        order_number(obr, number, context()) for number in (2, 3, 4)
    ]


def test_number_key() -> None:
    """One identifier has one key."""
    assert (OID, OID) == number_key("7^^^HOSP&1.2.3&ISO", context())

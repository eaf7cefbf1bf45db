"""Charges."""

import pytest

from adapters.fhir.charges import money
from adapters.fhir.report import LeftOut, Reason
from tests.adapters.fhir.making import PID, Json, context, fields, made, only, resources, segment

USD = {"value": 100, "currency": "USD"}


def ft1(**values: str) -> str:
    """Return an FT1 of a charge."""
    given = {1: "1", 2: "T1", 4: "20240501", 6: "CG", 7: "99213^Visit^CPT"}
    return fields("FT1", {**given, **{int(name[1:]): value for name, value in values.items()}})


def charge(*segments: str) -> Json:
    """Return the charge of a message."""
    return only(made(PID, *segments, kind="DFT^P03"), "ChargeItem")


TYPES = {"CG": 1, "": 1, "PY": 0, "CD": 0, "AJ": 0}


@pytest.mark.parametrize(("sent", "count"), TYPES.items())
def test_type(sent: str, count: int) -> None:
    """Payments, credits and adjustments are no charges, and are reported."""
    found = made(PID, ft1(f6=sent), kind="DFT^P03")
    assert count == len(resources(found, "ChargeItem"))
    assert (count == 0) == (LeftOut("FT1-6", Reason.NO_ELEMENT) in found.report)


KEYS = {
    "the same transaction": (ft1(), ft1(f7="1^Other"), True),
    "another one": (ft1(), ft1(f2="T2"), False),
    "another one's authority": (ft1(f2="T1^^^A"), ft1(f2="T1^^^B"), False),
}


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS.values(), ids=KEYS)
def test_key(one: str, other: str, is_same: bool) -> None:
    """A charge is found again by the number of the transaction."""
    urls = [
        each.url
        for text in (one, other)
        for each in made(PID, text, kind="DFT^P03").bundle
        if each.kind == "ChargeItem"
    ]
    assert is_same == (urls[0] == urls[1])


def test_no_number() -> None:
    """Two charges of a message without numbers are two, and it is reported that the message identifies them."""
    found = made(PID, ft1(f2=""), ft1(f2=""), kind="DFT^P03")
    assert 2 == len(resources(found, "ChargeItem"))
    assert LeftOut("FT1-2", Reason.KEYED_BY_MESSAGE) in found.report


CODES = {
    "the code": ({}, "99213"),
    "the procedure": ({"f7": "", "f25": "71045^Xray^CPT"}, "71045"),
    "both": ({"f25": "71045^Xray^CPT"}, "99213"),
    "a deleted code": ({"f7": '""', "f25": "71045^Xray^CPT"}, "71045"),
}


@pytest.mark.parametrize(("values", "code"), CODES.values(), ids=CODES)
def test_code(values: dict[str, str], code: str) -> None:
    """What is charged is FT1-7, or else the procedure."""
    assert code == charge(ft1(**values))["code"]["coding"][0]["code"]


def test_procedure_is_reported() -> None:
    """A procedure that is another code is reported; one that is the same is not."""
    places = [
        "FT1-25" in {each.place for each in made(PID, ft1(f25=sent), kind="DFT^P03").report}
        for sent in ("71045^Xray^CPT", "99213^Visit^CPT")
    ]
    assert [True, False] == places


def test_description() -> None:
    """FT1-8 is the text of a code that has none; without both the code is unknown, which R4 demands."""
    assert "Room" == charge(ft1(f7="R1", f8="Room"))["code"]["text"]
    assert "Room" == charge(ft1(f7="", f8="Room"))["code"]["text"]
    assert "unknown" == charge(ft1(f7=""))["code"]["text"]


def test_second_description() -> None:
    """A description beside a code with a text is reported."""
    found = made(PID, ft1(f8="Room"), kind="DFT^P03")
    assert "Visit" == only(found, "ChargeItem")["code"]["text"]
    assert LeftOut("FT1-8", Reason.NOT_MAPPED) in found.report


TIMES: dict[str, tuple[str, Json]] = {
    "a day": ("20240501", {"occurrenceDateTime": "2024-05-01"}),
    "the same day twice": ("20240501^20240501", {"occurrenceDateTime": "2024-05-01"}),
    "a period": ("20240501^20240503", {"occurrencePeriod": {"start": "2024-05-01", "end": "2024-05-03"}}),
    "the end only": ("^20240503", {"occurrencePeriod": {"end": "2024-05-03"}}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("sent", "expected"), TIMES.values(), ids=TIMES)
def test_time(sent: str, expected: Json) -> None:
    """It was done on a day, or in a period."""
    found = charge(ft1(f4=sent))
    assert expected == {name: value for name, value in found.items() if name.startswith("occurrence")}


PRICES: dict[str, tuple[str, Json | None, list[str]]] = {
    "with currency": ("100&USD", USD, []),
    "without": ("12.50", {"value": 12.5}, []),
    "a currency that is none": ("100&Dollar", {"value": 100}, ["not_in_table"]),
    "a price type": ("100&USD^DC", USD, ["no_element"]),
    "no number": ("free", None, ["unreadable"]),
    "nothing": ("", None, []),
}


@pytest.mark.parametrize(("raw", "expected", "reasons"), PRICES.values(), ids=PRICES)
def test_money(raw: str, expected: Json | None, reasons: list[str]) -> None:
    """An amount of money keeps its digits; what is no currency is left out and reported."""
    state = context()
    state.at(segment("FT1"), 11)
    assert (expected, reasons) == (money(raw, state), [each.reason for each in state.report])


TOTALS = {
    "the total": ({"f10": "2", "f11": "100.50", "f12": "9"}, "100.50"),
    "the price of each": ({"f10": "3", "f12": "0.10"}, "0.30"),
    "the price of one": ({"f12": "7.00"}, "7.00"),
    "a deleted total": ({"f11": '""', "f12": "7"}, "7"),
    "of an uncertain number": ({"f10": ">3", "f12": "7"}, None),
    "not known": ({"f10": "3", "f12": "much"}, None),
}


@pytest.mark.parametrize(("values", "price"), TOTALS.values(), ids=TOTALS)
def test_price(values: dict[str, str], price: str | None) -> None:
    """The price is that of all pieces, to the last digit."""
    (found,) = (each for each in made(PID, ft1(**values), kind="DFT^P03").bundle if each.kind == "ChargeItem")
    assert price == (str(found.body["priceOverride"]["value"]) if "priceOverride" in found.body else None)


def test_quantity() -> None:
    """A quantity that is no number is left out and reported."""
    assert 2 == charge(ft1(f10="2"))["quantity"]["value"]
    assert LeftOut("FT1-10", Reason.UNREADABLE) in made(PID, ft1(f10="some"), kind="DFT^P03").report


def test_links() -> None:
    """A charge names account, procedures, the order, who did it, and comments."""
    found = made(
        PID + "|" * 13 + "A1^^^HOSP", ft1(f20="1^Ash", f21="2^Birch", f23="F9"), "NTE|1||urgent",
        "PR1|1||71045^Xray^CPT||20240501", ft1(f2="T2"), kind="DFT^P03",
    )  # fmt: skip
    first, second = (each.body for each in found.bundle if each.kind == "ChargeItem")
    kinds = {each.url: each.kind for each in found.bundle}
    assert (["Account"], ["Procedure"]) == tuple(
        [kinds[each["reference"]] for each in first[name]] for name in ("account", "service")
    )
    assert (["Ash", "Birch"], "F9", "urgent") == (
        [each["actor"]["display"] for each in first["performer"]],
        first["supportingInformation"][0]["identifier"]["value"],
        first["note"][0]["text"],
    )
    assert "service" not in second

"""What is found in a text by its form."""

import pytest

from adapters.deidentify.google.info_types import BY_FORM
from adapters.deidentify.google.inspecting import find


@pytest.mark.parametrize(
    ("text", "info_type"),
    [
        ("2024-03-05", "DATE"),
        ("20240305", "DATE"),
        ("2024-03-05T10:20:30+01:00", "DATE"),
        ("5.3.2024", "DATE"),
        ("03/05/24", "DATE"),
        ("5 March 2024", "DATE"),
        ("5th of march, 2024", "DATE"),
        ("Mar 5, 2024", "DATE"),
        ("March 2024", "DATE"),
        ("1999", "DATE"),
        ("47 years old", "AGE"),
        ("47-year-old", "AGE"),
        ("age: 47", "AGE"),
        ("3 yrs", "AGE"),
        ("617-555-0199", "PHONE_NUMBER"),
        ("(617) 555-0199", "PHONE_NUMBER"),
        ("+49 711 12345-6", "PHONE_NUMBER"),
        ("0711/1234567", "PHONE_NUMBER"),
        ("jane.doe+x@mail.example.org", "EMAIL_ADDRESS"),
        ("192.168.1.77", "IP_ADDRESS"),
        ("2001:db8::1", "IP_ADDRESS"),
        ("00:1b:44:11:3a:b7", "MAC_ADDRESS"),
        ("00-1B-44-11-3A-B7", "MAC_ADDRESS"),
        ("https://example.org/a?b=c", "URL"),
        ("www.example.org/a", "URL"),
        ("4111 1111 1111 1111", "CREDIT_CARD_NUMBER"),
        ("DE89 3704 0044 0532 0130 00", "IBAN_CODE"),
        ("GB82WEST12345698765432", "IBAN_CODE"),
        ("123-45-6789", "US_SOCIAL_SECURITY_NUMBER"),
        ("1234567893", "US_HEALTHCARE_NPI"),
        ("1HGCM82633A004352", "VEHICLE_IDENTIFICATION_NUMBER"),
    ],
)
def test_found(text: str, info_type: str) -> None:
    """The whole of it is found in a sentence, and nothing beside it."""
    (found,) = find(f"before {text}, behind", BY_FORM)
    assert (f"before {text}, behind"[found.start : found.end], found.info_type) == (text, info_type)


@pytest.mark.parametrize(
    "text",
    [
        "BP 120/80, pulse 72",
        "glucose 5.2 mmol/l",
        "at 10:20:30",
        "1HGCM82633A004353",  # a wrong check digit
        "DE88 XYZA",
        "T12 and L3",
        "",
    ],
)
def test_nothing(text: str) -> None:
    """Measurements, times of day, and what has a wrong checksum are left alone."""
    assert find(text, BY_FORM) == []


def test_only_what_is_asked_for() -> None:
    """An infoType that is not looked for is not found."""
    assert find("2024-03-05, a@b.org", {"EMAIL_ADDRESS"})[0].info_type == "EMAIL_ADDRESS"
    assert find("2024-03-05", set()) == []


def test_overlaps() -> None:
    """Of two that overlap nothing stays between or behind them, and none is found twice."""
    text = "mail jane@www.example.org/path today"
    found = find(text, BY_FORM)
    assert [text[each.start : each.end] for each in found] == ["jane@www.example.org", "/path"]


def test_long_texts() -> None:
    """A hostile text does not take long."""
    for text in ("1-" * 20_000, "a." * 20_000 + "@", "january " * 10_000, ":" * 20_000, "12 " * 20_000):
        find(text, BY_FORM)

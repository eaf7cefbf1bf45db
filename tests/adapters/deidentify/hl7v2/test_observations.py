"""Values of observations are kept by their type."""

import pytest

from tests.adapters.deidentify.hl7v2.support import (
    DAYS,
    changed,
    field,
    message,
)
from tests.adapters.deidentify.hl7v2.test_dates import day


@pytest.mark.parametrize(
    ("kind", "value", "limited", "cleaned"),
    [
        ("NM", "99.5", "99.5", "99.5"),
        ("NM", "-0.1", "-0.1", "-0.1"),
        ("NM", "about ninety", "", ""),
        ("NM", "4815162", "", ""),
        ("SN", ">^100", ">^100", ">^100"),
        ("SN", "^1^:^128", "^1^:^128", "^1^:^128"),
        ("SN", ">^Foreign", ">", ">"),
        ("SI", "1", "1", "1"),
        ("CE", "260385009^Negative^SCT", "260385009^Negative^SCT", "260385009^Negative^SCT"),
        ("CWE", "X1^Seen by Erika^L", "X1^^L", "X1^^L"),
        ("CWE", "X1^Name^L^Y1^Other^LN", "X1^^L^Y1^Other^LN", "X1^^L^Y1^Other^LN"),
        ("CWE", "X1^Name^LN^^^^2.1^^original text", "X1^Name^LN", "X1^Name^LN"),
        ("CE", "^Erika Mustermann", "", ""),
        ("CF", "X&Erika^Name^LN", "X^Name^LN", "X^Name^LN"),
        ("ID", "A", "A", "A"),
        ("IS", "two words", "", ""),
        ("ST", "Erika is well", "", "Erika is well"),
        ("TX", "see Smith, J.~and J. Quincy", "", "see *** J.~and J. ***"),
        ("FT", "Smith\\.br\\is well", "", "*** well"),
        ("TM", "1011", "", ""),
        ("ED", "X^TEXT^PDF^Base64^U21pdGg=", "", ""),
        ("RP", "smith.pdf^X", "", ""),
        ("XCN", "1^Mustermann^Erika", "", ""),
        ("XPN", "Mustermann^Erika", "", ""),
        ("XAD", "1 Elm^^Town", "", ""),
        ("EI", "E-1", "", ""),
        ("CX", "4815162^^^HOSP", "", ""),
        ("", "plain", "", ""),
        ("ZZ", "plain", "", ""),
    ],
)
def test_observations(kind: str, value: str, limited: str, cleaned: str) -> None:
    """OBX-5 is kept by its type; what is no value of that type goes."""
    segment = f"OBX|1|{kind}|X^^L||{value}"
    assert field(changed(message(segment)), "OBX", 5) == limited
    assert field(changed(message(segment), text="known_identifiers"), "OBX", 5).strip() == cleaned


@pytest.mark.parametrize("kind", ["DT", "TS", "DTM"])
def test_observed_date(kind: str) -> None:
    """A date that was observed is moved like the others."""
    found = field(changed(message(f"OBX|1|{kind}|X^^L||20240110")), "OBX", 5)
    assert day(found) == day("20240110") + DAYS

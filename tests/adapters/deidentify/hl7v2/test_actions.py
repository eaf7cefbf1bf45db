"""Each action with what messages really hold, and with what they should not."""

from datetime import date

import pytest

from tests.adapters.deidentify.hl7v2.support import (
    DAYS,
    HEADER,
    PSEUDONYM,
    PSEUDONYMS,
    changed,
    field,
    message,
    through,
)


def day(text: str) -> int:
    """Return the number of a day."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal()


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


@pytest.mark.parametrize(
    "value",
    ["20240110", "202401101011", "20240110101112.1234+0100", "2024-01-10", "202401", "2024"],
)
def test_dates(value: str) -> None:
    """A date is moved in its own precision, its clock and zone stay."""
    found = through("OBR", 7, value)
    assert len(found) == len(value)
    assert found != value or len(value) == 4
    if len(value) >= 8:
        assert found.replace("-", "")[8:] == value.replace("-", "")[8:]
        assert day(found.replace("-", "")[:8]) == day(value.replace("-", "")[:8]) + DAYS
    assert through("OBR", 7, value, profile="safe_harbor") == "2024"


@pytest.mark.parametrize("value", ["yesterday", "20241310", "00000000", "2024011", "20240110^Smith", "2024 Smith"])
def test_no_date(value: str) -> None:
    """What is no date, or stands beside one, goes."""
    found = through("OBR", 7, value)
    assert "Smith" not in found
    assert found == "" or (len(found) == 8 and found.isdigit())


@pytest.mark.parametrize("weeks", [("20240110", "20240117"), ("20231231", "20240301"), ("20240228", "20240301")])
def test_intervals(weeks: tuple[str, str]) -> None:
    """The days between two dates stay, and so does the weekday."""
    first, second = weeks
    segments = changed(message(f"OBR|1||||||{first}|{second}"))
    before, after = day(field(segments, "OBR", 7)), day(field(segments, "OBR", 8))
    assert after - before == day(second) - day(first)
    assert (before - day(first)) % 7 == 0
    assert before < day(first)


@pytest.mark.parametrize(
    ("header", "born", "kept"),
    [
        ("20240301", "19540307", "1954"),
        ("20240301", "19350101", "1935"),
        ("20240301", "19340101", ""),  # 90 years, or nearly
        ("", "19540307", ""),  # nobody knows how old
        ("20240301", "1954", "1954"),
        ("20240301", "unknown", ""),
        ("20240301", "", ""),
    ],
)
@pytest.mark.parametrize("profile", ["limited", "safe_harbor"])
def test_birth(header: str, born: str, kept: str, profile: str) -> None:
    """The year of birth stays, unless it shows an age above 89."""
    pid = f"PID|1||4815162^^^HOSP||Smith^John||{born}"
    msh = HEADER.replace("20240301120000", header)
    assert field(changed(message(header=msh, pid=pid), profile=profile), "PID", 7) == kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("12 Elm Road^^Boston^MA^02139^USA", "^^^MA^021^USA"),
        ("12 Elm Road^^Boston^MA^021391234", "^^^MA^021"),
        ("12 Elm Road^^Boston^MA^02139-1234^US", "^^^MA^021^US"),
        ("1^^Keene^NH^03601^US", "^^^NH^000^US"),
        ("1^^Cody^WY^82190", "^^^WY^000"),
        ("1^^Berlin^BE^10115^DE", "^^^BE^^DE"),
        ("1^^Berlin^^10115", ""),  # five digits, but nobody says that they are American
        ("1^^Town^12 Elm Road^02139^USA", "^^^^021^USA"),
        ("1^^Town^MA^K1A 0B1^Land of Smith", "^^^MA"),
        ("1^^A^MA^02139^USA~2^^B^NH^03031^USA", "^^^MA^021^USA"),
    ],
)
def test_address(address: str, kept: str) -> None:
    """State, country, and three digits of an American postcode stay; 000 where few people live."""
    assert through("PID", 11, address) == kept


def test_identifiers_of_a_patient() -> None:
    """Those of known authorities are replaced, each by its domain; the others go."""
    found = through("PID", 3, "4815162^^^HOSP^MR~007^^^CLINIC^PI~123-45-6789^^^USSSA^SS~^^^HOSP~88^^^&9.9&ISO")
    first, second = found.split("~")
    assert first == f"{PSEUDONYM}^^^HOSP^MR"
    assert second.endswith("^^^CLINIC^PI")
    assert through("PID", 3, "7^^^CLINIC^PI") == second  # leading zeros do not count there
    assert through("PID", 3, "4815162^^^&1.2.3&ISO^MR") == f"{PSEUDONYM}^^^&1.2.3&ISO^MR"
    assert through("PID", 3, "4815162^^^HOSP^Mrs Smith") == f"{PSEUDONYM}^^^HOSP"


def test_pair() -> None:
    """An EIP has two identifiers, each with its own pseudonym; an EI loses its authority."""
    placer, filler = PSEUDONYMS.identifier("order", "P1"), PSEUDONYMS.identifier("order", "F1")
    assert through("OBR", 29, "P1&HOSP^F1&LAB") == f"{placer}^{filler}"
    assert through("ORC", 8, "P1&HOSP^&X") == placer
    assert through("ORC", 2, "P1^HOSP^1.2^ISO") == placer
    assert through("ORC", 2, "P1~F1") == f"{placer}~{filler}"


def test_people() -> None:
    """A person without a number has the pseudonym of the name; an empty repetition stays empty."""
    named = PSEUDONYMS.identifier("clinician", "Doc^Ada")
    assert through("OBR", 16, "^Doc^Ada~D7^X~") == f"{named}~{PSEUDONYMS.identifier('clinician', 'D7')}~"


def test_place() -> None:
    """A ward and a bed go; in Safe Harbor the facility does too."""
    assert through("PV1", 3, "W^12^3") == ""
    assert through("PV1", 3, "W^12^3^HOSP&1.2&ISO", profile="safe_harbor") == ""

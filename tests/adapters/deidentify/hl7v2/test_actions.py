"""Each action with what messages really hold, and with what they should not."""

import pytest

from tests.adapters.deidentify.hl7v2.support import (
    PSEUDONYM,
    PSEUDONYMS,
    through,
)


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


@pytest.mark.parametrize(
    ("number", "value", "kept"),
    [
        (3, "4815162^^^HOSP&1.2.3&ISO&Jane Doe^MR", f"{PSEUDONYM}^^^HOSP&1.2.3&ISO^MR"),
        (10, "W^white^Jane Doe was here^B^^L", "W^^^B^^L"),
    ],
)
def test_texts_beside_codes(number: int, value: str, kept: str) -> None:
    """A system of codes is one word, and an authority has three parts: what else stands there is text."""
    assert through("PID", number, value) == kept


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

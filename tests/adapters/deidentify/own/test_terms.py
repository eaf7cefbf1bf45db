"""The spellings in which a name, a number and a date are searched for."""

from datetime import date

import pytest

from adapters.deidentify.own.terms import MOST_PARTS, of_date, of_name, of_number, of_telephone


def test_name() -> None:
    """Parts alone if they are long enough, short ones beside another."""
    terms = set(of_name("Ng^Wei^A"))
    assert {"wei", "ng wei", "wei ng", "weing", "a ng"} <= terms
    assert not {"ng", "a"} & terms


def test_long_name() -> None:
    """A name of very many parts does not make very many terms."""
    assert len(set(of_name(" ".join(f"name{number}" for number in range(1000))))) <= MOST_PARTS
    assert "123" not in set(of_name("123 Smith"))


@pytest.mark.parametrize(
    ("number", "terms"),
    [
        ("00-48 15", {"00 48 15", "004815", "4815"}),
        ("MRN7423501", {"mrn7423501", "7423501"}),
        ("A1", {"a1"}),
        ("000", {"000"}),
        ("--", set()),
    ],
)
def test_number(number: str, terms: set[str]) -> None:
    """With and without punctuation, leading zeros and letters before it."""
    assert set(of_number(number)) == terms


@pytest.mark.parametrize(
    ("telephone", "terms"),
    [
        ("+49 30 5550199", {"+49 30 5550199", "30 5550199", "5550199", "305550199"}),
        ("617-555-0199", {"617-555-0199", "555 0199", "16175550199"}),
        ("a@b.example", {"a@b.example"}),
        ("", {""}),
    ],
)
def test_telephone(telephone: str, terms: set[str]) -> None:
    """As it is dialled in its own area, in its country, and from elsewhere."""
    assert terms <= set(of_telephone(telephone))


def test_date() -> None:
    """As people and systems write it."""
    terms = set(of_date(date(1954, 3, 7)))
    assert {"19540307", "07031954", "1954 03 07", "7 3 54", "3 7 1954", "7th march 1954", "07mar1954"} <= terms

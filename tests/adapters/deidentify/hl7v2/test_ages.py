"""Ages above 89 are found in numbers and in texts, and other numbers are not."""

import pytest

from adapters.deidentify.hl7v2.ages import capped, is_age, without_great_ages


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("30525-0", True),
        ("AGE", True),
        ("Patient age", True),
        ("Alter", True),
        ("Dosage", False),
        ("Average", False),
        ("2345-7", False),
        ("", False),
    ],
)
def test_is_age(text: str, is_one: bool) -> None:
    """By LOINC's codes, or by the word."""
    assert is_age(text) is is_one


@pytest.mark.parametrize(
    ("number", "kept"),
    [("89", "89"), ("89.9", "89.9"), ("90", "90"), ("93", "90"), ("101.5", "90"), ("", ""), ("x", "x")],
)
def test_capped(number: str, kept: str) -> None:
    """Ninety and above is 90."""
    assert capped(number) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a 93-year-old man", "a ***-year-old man"),
        ("93 y/o, then 101 years of age", "*** y/o, then *** years of age"),
        ("aged 95.", "aged ***."),
        ("Age: 95", "Age: ***"),
        ("die Patientin, 91-jährig", "die Patientin, ***-jährig"),
        ("92 Jahre", "*** Jahre"),
        ("im Alter von 92 Jahren, Schwester 95 J.", "im Alter von *** Jahren, Schwester *** J."),
        ("89 years old", "89 years old"),
        ("190.5 years old", "190.5 years old"),
        ("a 90-day course", "a 90-day course"),
        ("page 95, dosage 95 mg", "page 95, dosage 95 mg"),
        ("age 950", "age 950"),
    ],
)
def test_texts(text: str, kept: str) -> None:
    """Only the number of an age is hidden."""
    assert without_great_ages(text) == kept

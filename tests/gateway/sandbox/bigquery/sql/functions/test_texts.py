"""Functions of texts."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "LENGTH(b'abc')": 3,
    "LOWER('ÀÉ')": "àé",
    "LOWER('Σ')": UNSURE,
    "SUBSTR('héllo', 2, 2)": "él",
    "SUBSTR('abc', -1, 5)": "c",
    "SUBSTR(NULL, 1)": None,
    "TRIM('\\u00a0a\\u2003')": "a",
    "LTRIM('abc', '')": "abc",
    "STRPOS('abc', '')": UNSURE,
    "INSTR('abcabc', 'c')": 3,
    "REVERSE('é')": UNSURE,
    "REPEAT('a', -1)": FAILED,
    "LPAD('a', 3, '')": UNSURE,
    "LPAD(NULL, 3)": None,
    "LEFT('abc', -1)": FAILED,
    "SAFE.LEFT('abc', -1)": None,
    "SPLIT('abc', '')": REFUSED,
    "CONCAT('a', 1)": REFUSED,
    "TO_HEX(SHA256(''))": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "REPLACE('aXbX', 'X', '')": "ab",
    "ENDS_WITH('abc', '')": True,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)

"""The table of functions."""

import re

import pytest

from gateway.sandbox.bigquery.sql.functions.registry import table
from tests.gateway.sandbox.bigquery.sql.asking import reason


def test_forms() -> None:
    """Each form uses its arguments only, and each function is in one table."""
    forms, special = table()
    assert len(forms) + len(special) > 130
    for name, several in forms.items():
        for each in several:
            used = {int(number) for number in re.findall(r"(?<!\{)\{(\d)\}", each.sql)}
            assert used <= set(range(len(each.arguments))), name
    assert {"LOG"} == set(forms) & set(special)


@pytest.mark.parametrize("call", ["UPPER()", "UPPER('a', 'b')", "UPPER(1)", "IF(TRUE, 1)", "COUNT()", "NOPE()"])
def test_refused(call: str) -> None:
    """A function that is not known, or other arguments, are refused by the name of the function."""
    assert call.partition("(")[0] in reason(f"SELECT {call}")

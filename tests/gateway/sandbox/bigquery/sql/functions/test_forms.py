"""Forms of functions, and what all of them check."""

import pytest

from gateway.sandbox.bigquery.sql.functions.forms import counted, form, no_over
from gateway.sandbox.bigquery.sql.refusing import QueryRefused


def test_arguments() -> None:
    """Names of types stand with commas."""
    assert ("STRING", "INT64") == form("STRING,INT64", "{0}", "STRING").arguments
    assert () == form("", "now()", "TIMESTAMP").arguments


def test_checks() -> None:
    """A function is named with what is wrong."""
    counted("F", [1], 1, 2)
    no_over("F", "")
    with pytest.raises(QueryRefused, match="F with 3 arguments"):
        counted("F", [1, 2, 3], 1, 2)
    with pytest.raises(QueryRefused, match="F with OVER"):
        no_over("F", "OVER ()")

"""Functions of JSON."""

import pytest

from gateway.sandbox.bigquery.sql.functions.json import path_of
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    'JSON_VALUE(JSON \'{"a": {"b": [5, "x"]}}\', \'$.a.b[1]\')': "x",
    "JSON_VALUE(JSON '\"x\"')": "x",
    "JSON_VALUE(JSON 'true')": "true",
    "JSON_VALUE(JSON '{\"a\": 1.0}', '$.a')": UNSURE,
    "JSON_VALUE('{\"a\": 1.5}', '$.a')": UNSURE,
    "JSON_EXTRACT_SCALAR(JSON '{\"a\": 1.5}', '$.a')": "1.5",
    "JSON_QUERY(JSON '{\"a\": [1, 2]}', '$.a')": "[1,2]",
    "JSON_QUERY('{\"a\": 1}', '$.a')": REFUSED,
    "ARRAY_LENGTH(JSON_QUERY_ARRAY(JSON '[1, [2]]'))": 2,
    "JSON_QUERY_ARRAY(JSON '{}')": None,
    "JSON_QUERY_ARRAY(JSON '[1, [2]]')[OFFSET(1)]": "[2]",
    "JSON_VALUE_ARRAY(JSON '[\"a\", 1, true]')[OFFSET(1)]": "1",
    "JSON_VALUE_ARRAY(JSON '[\"a\", null]')": UNSURE,
    "INT64(JSON '10')": 10,
    "INT64(JSON '10.0')": UNSURE,
    "INT64(JSON 'null')": FAILED,
    "BOOL(JSON 'false')": False,
    "STRING(JSON '1')": FAILED,
    "FLOAT64(JSON '1')": 1.0,
    "PARSE_JSON('nonsense')": FAILED,
    "SAFE.PARSE_JSON('nonsense')": None,
    "JSON_TYPE(PARSE_JSON('\"a\"'))": "string",
    "TO_JSON_STRING(CAST(NULL AS STRING))": "null",
    "TO_JSON_STRING(JSON '{}')": REFUSED,
    "JSON_SET(JSON '{}', '$.a', 1)": REFUSED,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)


def test_paths() -> None:
    """A path is quoted step by step; other forms of JSONPath are refused."""
    assert '\'$."a"."b c"[3]\'' == path_of('$.a."b c"[3]')
    assert "'$'" == path_of("$")
    for wrong in ("a", "$..a", "$.*", "$[-1]", "$['a']", "$.a["):
        with pytest.raises(QueryRefused):
            path_of(wrong)

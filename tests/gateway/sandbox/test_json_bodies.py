"""JSON of requests."""

import json

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import check_keys, object_in, parse, text_in

LAB = b"""{
    'bigqueryDestination': {
       'tableUri': 'bq://p.d.t',
       "force": true
    }
}"""
"""As the lab's curl command writes it."""
VALUES = {
    LAB: {"bigqueryDestination": {"tableUri": "bq://p.d.t", "force": True}},
    b"""{'a': 'it\\'s "quoted"', "b": "it's"}""": {"a": 'it\'s "quoted"', "b": "it's"},
    b"""['\\u0041\\n', '']""": ["A\n", ""],
    b"5": 5,
}


@pytest.mark.parametrize(("octets", "value"), VALUES.items())
def test_single_quotes(octets: bytes, value: object) -> None:
    """Strings in single quotes are what they are in double ones."""
    assert parse(octets) == value


@pytest.mark.parametrize("octets", [b"{'a'}", b"{'a': 'b}", b"'", b"{a: 1}", b'{"a": "', b"\xff"])
def test_no_json(octets: bytes) -> None:
    """What is no JSON is an error."""
    with pytest.raises(ValueError):  # noqa: PT011  json's own
        parse(octets)


def test_parts() -> None:
    """A field that is absent, unknown or of another type is a 400."""
    body = json.loads('{"a": {"b": "c"}, "d": 5}')
    assert (text_in(body, "a", "b"), object_in(body, "a", {"b"}), object_in(body, "x")) == ("c", {"b": "c"}, {})
    for wrong in (
        lambda: text_in(body, "d", "b"),
        lambda: text_in(body, "a", "x"),
        lambda: object_in(body, "d"),
        lambda: object_in(body, "a", {"x"}),
        lambda: check_keys(body, {"a"}),
    ):
        with pytest.raises(ApiError):
            wrong()

"""What BigQuery is asked, and what its replies mean."""

import json

import pytest

from adapters.rest.http.reply import Reply
from adapters.tables.bigquery.requests import columns_in, failure, inserted, new_table, rows_body, schema
from adapters.tables.columns import Column
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

COLUMNS = (
    Column("a"),
    Column("j", "JSON"),
    Column("r", "RECORD", "REPEATED", (Column("x"), Column("l", "STRING", "REPEATED"))),
)


def reply(status: int, body: object = None) -> Reply:
    """Return a reply."""
    return Reply(status, {}, json.dumps(body).encode())


def test_table() -> None:
    """A table has a name and columns, and tells them."""
    body = json.loads(new_table("http://x/bigquery/v2/projects/p/datasets/d", "t", COLUMNS))
    assert {"projectId": "p", "datasetId": "d", "tableId": "t"} == body["tableReference"]
    assert COLUMNS == columns_in(reply(200, schema(COLUMNS)))
    wrongs: list[object] = [[], {"schema": {"fields": 1}}, {"schema": {"fields": [{"name": "g", "type": "GEOGRAPHY"}]}}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"no fields|GEOGRAPHY"):
            columns_in(reply(200, wrong))


def test_rows() -> None:
    """JSON is text, and what is NULL is left out."""
    row = {"a": None, "j": {"k": [1]}, "r": [{"x": "1", "l": []}, {"x": None}]}
    found = json.loads(rows_body([("id", row)], COLUMNS))
    numbers = (Column("n", "INTEGER"), Column("m", "INTEGER", "REPEATED"))
    assert {"n": str(2**60), "m": [1, str(-(2**53))]} == json.loads(
        rows_body([("id", {"n": 2**60, "m": [1, -(2**53)]})], numbers)
    )["rows"][0]["json"]
    assert [{"insertId": "id", "json": {"j": '{"k":[1]}', "r": [{"x": "1", "l": []}, {}]}}] == found["rows"]


def errors(**reasons: str) -> dict[str, object]:
    """Return the reply about rows that are not inserted."""
    found = [{"index": int(key[1:]), "errors": [{"reason": each}]} for key, each in reasons.items()]
    return {"insertErrors": found}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (reply(200, {}), [Stored, Stored]),
        (reply(200, errors(_0="invalid", _1="stopped")), [Refused, type(None)]),
        (reply(200, errors(_1="timeout")), [Stored, Unavailable]),
        (reply(200, errors(_0="SECRET")), [Refused, Stored]),
        (reply(404), [Unavailable, Unavailable]),
        (reply(500), [Unavailable, Unavailable]),
        (reply(413), [Refused, Refused]),
        (reply(200, []), [Unavailable, Unavailable]),
        (reply(200, {"insertErrors": [{}]}), [Unavailable, Unavailable]),
        (Reply(200, {}, b"<html>"), [Unavailable, Unavailable]),
    ],
)
def test_inserted(given: Reply, expected: list[type[Outcome]]) -> None:
    """Each row has an outcome of its own; a reply that cannot be read leaves it open."""
    found = inserted(given, 2)
    assert expected == [type(each) for each in found]
    assert "SECRET" not in str(found)


def test_failure() -> None:
    """A request that is wrong is refused; quotas and rights may change."""
    quota = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
    assert isinstance(failure(reply(400), "x"), Refused)
    assert isinstance(failure(reply(400, quota), "x"), Unavailable)
    assert Unavailable("BigQuery: x: 403 rateLimitExceeded") == failure(reply(403, quota), "x")

"""Load jobs: what starts them, and what their states mean."""

import json
from typing import Any

import pytest

from adapters.rest.http.reply import Reply
from adapters.tables.bigquery.jobs import Load
from adapters.tables.columns import Column
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

URL = "https://bq.example/root/bigquery/v2/projects/p/datasets/d"


def test_request() -> None:
    """The rows are lines of JSON behind what is to be done with them."""
    job = Load(URL, "t")
    assert "https://bq.example/root/upload/bigquery/v2/projects/p/jobs?uploadType=multipart" == job.start_url
    first, second = job.body([{"a": {"k": 1}}, {"a": None}], [Column("a", "JSON")]).split(b"\r\n--")[:2]
    configuration = json.loads(first.partition(b"\r\n\r\n")[2])["configuration"]["load"]
    assert {"projectId": "p", "datasetId": "d", "tableId": "t"} == configuration["destinationTable"]
    assert [{"a": {"k": 1}}, {"a": None}] == [
        json.loads(each) for each in second.partition(b"\r\n\r\n")[2].splitlines()
    ]


def state(word: str, error: object = None) -> dict[str, Any]:
    """Return a job in this state."""
    return {"jobReference": {"location": "EU"}, "status": {"state": word, "errorResult": error}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, state("RUNNING"), None),
        (409, {}, None),
        (200, state("DONE"), Stored),
        (200, state("DONE", {"reason": "invalid"}), Refused),
        (200, state("DONE", {"reason": "SECRET"}), Refused),
        (200, state("DONE", {"reason": "backendError"}), Unavailable),
        (200, [], Unavailable),
        (403, {}, Unavailable),
        (400, {}, Refused),
    ],
)
def test_states(status: int, body: object, expected: type[Outcome] | None) -> None:
    """While it runs nothing is known; words that are not known are not told."""
    job = Load(URL, "t")
    outcome = job.outcome(Reply(status, {}, json.dumps(body).encode()))
    assert expected is (None if outcome is None else type(outcome))
    assert "SECRET" not in str(outcome)


def test_location() -> None:
    """The state of a job is asked for where it runs."""
    job = Load(URL, "t")
    job.outcome(Reply(200, {}, json.dumps(state("PENDING")).encode()))
    assert job.state_url.startswith("https://bq.example/root/bigquery/v2/projects/p/jobs/hilum_")
    assert job.state_url.endswith("?location=EU")

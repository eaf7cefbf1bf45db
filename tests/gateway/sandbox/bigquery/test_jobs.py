"""The jobs in memory."""

import pytest

from gateway.sandbox.bigquery.jobs import MOST_JOBS, Jobs
from gateway.sandbox.reasoned_error import ReasonedError


def test_jobs() -> None:
    """A job has a name of its own or a given one, and is done."""
    jobs = Jobs(lambda: 1.5)
    job = jobs.begin("p", {"jobId": "a"}, {"query": {}})
    jobs.end(job)
    resource = job.resource("http://h")
    assert ("DONE", "1500", "p:US.a") == (
        resource["status"]["state"],
        resource["statistics"]["endTime"],
        resource["id"],
    )
    assert jobs.get("p", "a") is job
    with pytest.raises(ReasonedError) as caught:
        jobs.begin("p", {"jobId": "a"}, {})
    assert "duplicate" == caught.value.code
    assert jobs.begin("p", None, {}).id != jobs.begin("p", None, {}).id
    jobs.forget("p", "a")
    with pytest.raises(ReasonedError):
        jobs.get("p", "a")


def test_old_ones_are_forgotten() -> None:
    """Results are in memory, so only the last ones are kept."""
    jobs = Jobs()
    for number in range(MOST_JOBS + 5):
        jobs.begin("p", {"jobId": f"j{number}"}, {})
    assert (MOST_JOBS, f"j{MOST_JOBS + 4}") == (len(jobs.of("p")), jobs.of("p")[0].id)


def test_an_error_is_told() -> None:
    """A job that failed tells its first error and all of them."""
    job = Jobs().begin("p", None, {})
    job.error = ReasonedError(400, "wrong", "invalid", "row 1")
    error = {"reason": "invalid", "message": "wrong", "location": "row 1"}
    assert {"state": "DONE", "errorResult": error, "errors": [error]} == job.resource("")["status"]

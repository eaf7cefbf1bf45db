"""The jobs, in memory: each is done when it is answered, because its work is done before."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from gateway.sandbox.bigquery.names import JOB, checked
from gateway.sandbox.bigquery.querying import Answer
from gateway.sandbox.reasoned_error import ReasonedError

MOST_JOBS = 200
"""So many are kept; older ones are forgotten with their results."""


@dataclass(slots=True)
class Job:
    """One job, with the result of a query."""

    project: str
    id: str
    configuration: dict[str, Any]
    began: float
    ended: float = 0
    answer: Answer | None = None
    error: ReasonedError | None = None
    statistics: dict[str, Any] = field(default_factory=dict)

    def resource(self, origin: str) -> dict[str, Any]:
        """Return the job as a resource."""
        status: dict[str, Any] = {"state": "DONE"}
        if self.error is not None:
            status |= {"errorResult": self.error.proto(), "errors": [self.error.proto()]}
        times = {
            "creationTime": _millis(self.began),
            "startTime": _millis(self.began),
            "endTime": _millis(self.ended or self.began),
        }
        return {
            "kind": "bigquery#job",
            "id": f"{self.project}:US.{self.id}",
            "etag": self.id,
            "selfLink": f"{origin}/bigquery/v2/projects/{self.project}/jobs/{self.id}",
            "jobReference": self.reference,
            "configuration": self.configuration,
            "status": status,
            "statistics": {**times, "totalBytesProcessed": "0", **self.statistics},
            "user_email": "sandbox",
        }

    @property
    def reference(self) -> dict[str, str]:
        """The name of the job as a resource has it."""
        return {"projectId": self.project, "jobId": self.id, "location": "US"}


class Jobs:
    """Knows the last jobs."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._jobs: OrderedDict[tuple[str, str], Job] = OrderedDict()
        self._clock = clock

    def begin(self, project: str, reference: object, configuration: dict[str, Any]) -> Job:
        """Return a new job; raises a 409 if there is one of this name."""
        given = reference.get("jobId") if isinstance(reference, dict) else None
        identifier = f"job_{uuid4().hex}" if given is None else checked(JOB, given, "jobId")
        if (project, identifier) in self._jobs:
            raise ReasonedError(409, f"Already Exists: Job {project}:US.{identifier}")
        job = Job(project, identifier, configuration, self._clock())
        self._jobs[project, identifier] = job
        while len(self._jobs) > MOST_JOBS:
            self._jobs.popitem(last=False)
        return job

    def end(self, job: Job) -> None:
        """Note that the work of a job is done."""
        job.ended = self._clock()

    def forget(self, project: str, identifier: str) -> None:
        """Remove a job."""
        self._jobs.pop((project, identifier), None)

    def get(self, project: str, identifier: str) -> Job:
        """Return a job; raises a 404."""
        job = self._jobs.get((project, identifier))
        if job is None:
            raise ReasonedError(404, f"Not found: Job {project}:{identifier}")
        return job

    def of(self, project: str) -> list[Job]:
        """Return the jobs of a project, the newest first."""
        return [job for (owner, _), job in reversed(self._jobs.items()) if owner == project]


def _millis(moment: float) -> str:
    return str(int(moment * 1000))

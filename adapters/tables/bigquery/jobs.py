"""A load job of BigQuery: what starts it, and what its state means for its rows."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from adapters.rest.http.reply import Reply
from adapters.tables.bigquery.requests import LATER, REASONS, failure
from adapters.tables.columns import Column
from adapters.tables.encoder import ENCODER
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

BOUNDARY = "==hilum=="


class Load:
    """One job, which appends rows to a table."""

    def __init__(self, dataset_url: str, table: str) -> None:
        self._base, _, tail = dataset_url.rpartition("/bigquery/v2/projects/")
        self._project, _, self._dataset = tail.partition("/datasets/")
        self._table, self._id = table, f"hilum_{uuid4().hex}"
        self._location = ""

    @property
    def start_url(self) -> str:
        """Where the job is started."""
        return f"{self._base}/upload/bigquery/v2/projects/{self._project}/jobs?uploadType=multipart"

    @property
    def state_url(self) -> str:
        """Where its state is."""
        url = f"{self._base}/bigquery/v2/projects/{self._project}/jobs/{self._id}"
        return f"{url}?location={self._location}" if self._location else url

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields of the request that starts it."""
        return {"Content-Type": f'multipart/related; boundary="{BOUNDARY}"'}

    def body(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
        """Return the request that starts it, with the rows. A column of JSON has the value itself, not its text."""
        table = {"projectId": self._project, "datasetId": self._dataset, "tableId": self._table}
        load = {
            "destinationTable": table,
            "schema": {"fields": [each.as_json() for each in columns]},
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "writeDisposition": "WRITE_APPEND",
        }
        job = {"jobReference": {"projectId": self._project, "jobId": self._id}, "configuration": {"load": load}}
        parts = (
            (b"application/json", json.dumps(job).encode()),
            (b"application/octet-stream", ENCODER.encode_lines(rows)),
        )
        mark = BOUNDARY.encode()
        written = b"".join(b"--%b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (mark, kind, part) for kind, part in parts)
        return written + b"--%b--\r\n" % mark

    def outcome(self, reply: Reply) -> Outcome | None:
        """Return what became of all rows; None while the job runs. A job that is there already is this one."""
        if reply.status == 409:
            return None
        if not 200 <= reply.status < 300:
            return failure(reply, "the load job failed")
        try:
            found = json.loads(reply.body)
            self._location = str(found["jobReference"].get("location", ""))
            state, error = found["status"]["state"], found["status"].get("errorResult")
            reason = str(error["reason"]) if error else ""
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Unavailable("BigQuery: the state of the load job cannot be read", maybe_stored=True)
        if state != "DONE":
            return None
        if not error:
            return Stored()
        told = f"BigQuery: the load job failed: {reason if reason in REASONS else 'no known reason'}"
        return Unavailable(told) if reason in LATER else Refused(told)

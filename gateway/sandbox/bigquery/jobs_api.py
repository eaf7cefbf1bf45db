"""Jobs: queries and loads, and the pages of their results."""

import json
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.cells import encode_row
from gateway.sandbox.bigquery.jobs import Job, Jobs
from gateway.sandbox.bigquery.loading import load, prepare
from gateway.sandbox.bigquery.names import project_in, table_of
from gateway.sandbox.bigquery.pages import MOST, Page, asked_page, next_token
from gateway.sandbox.bigquery.querying import run
from gateway.sandbox.bigquery.results import as_row
from gateway.sandbox.bigquery.sql.types import schema_field
from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.reasoned_error import ReasonedError, reasoned

MOST_LOAD = 256 * 1024 * 1024
"""Octets of all files of a load job, which are read into memory."""


class JobsApi:
    """The handlers of ``jobs`` and ``queries``."""

    def __init__(self, catalog: Catalog, jobs: Jobs, buckets: Buckets) -> None:
        self._catalog, self._jobs, self._buckets = catalog, jobs, buckets

    async def query(self, request: web.Request) -> web.StreamResponse:
        """Run a query, and return the first page of its result."""
        body = await read_object(request)
        kept = {key: value for key, value in body.items() if key not in {"formatOptions", "maxResults", "requestId"}}
        configuration = {"jobType": "QUERY", "query": kept, "dryRun": bool(body.get("dryRun"))}
        job = await self._run(project_in(request), None, configuration)
        options = body.get("formatOptions")
        whole = isinstance(options, dict) and options.get("useInt64Timestamp") in (True, "true")
        most = body.get("maxResults")
        count = min(int(most), MOST) if isinstance(most, int | str) and str(most).isdecimal() else MOST
        return reply_json({**self._page(job, Page(0, count, whole)), "kind": "bigquery#queryResponse"})

    async def insert(self, request: web.Request) -> web.StreamResponse:
        """Run a job."""
        body = await read_object(request)
        return reply_json(await self.start(request, body, None))

    async def start(self, request: web.Request, body: dict[str, Any], content: bytes | None) -> dict[str, Any]:
        """Run a job, whose file may have come with the request; return its resource."""
        configuration = body.get("configuration")
        if not isinstance(configuration, dict) or not ({"query", "load"} & set(configuration)):
            raise ReasonedError(501, "a job must be a query or a load; there is no copy and no extract here")
        kind = "QUERY" if "query" in configuration else "LOAD"
        configuration = {"jobType": kind, **configuration}
        if "destinationEncryptionConfiguration" in json.dumps(configuration):
            raise ReasonedError(501, "tables with keys of Cloud KMS are not supported here")
        project, reference = project_in(request), body.get("jobReference")
        if kind == "QUERY":
            job = await self._run(project, reference, configuration)
        else:
            job = await self._load(project, reference, configuration, content)
        return job.resource(str(request.url.origin()))

    async def _run(self, project: str, reference: object, configuration: dict[str, Any]) -> Job:
        asked = configuration["query"]
        job = self._jobs.begin(project, reference, configuration)
        try:
            if not isinstance(asked, dict):
                raise ReasonedError(400, "configuration.query must be an object")
            wanted = {**asked, "dryRun": configuration.get("dryRun")}
            job.answer = await self._catalog.do(partial(run, self._catalog, project, wanted))
            await self._keep_result(project, job, asked)
        except ApiError:
            self._jobs.forget(project, job.id)
            raise
        self._jobs.end(job)
        job.statistics = {
            "query": {
                "statementType": "SELECT",
                "totalBytesProcessed": "0",
                "totalBytesBilled": "0",
                "cacheHit": False,
                "schema": {"fields": [schema_field(name, kind) for name, kind in job.answer.columns]},
            }
        }
        return job

    async def _keep_result(self, project: str, job: Job, asked: dict[str, Any]) -> None:
        """Write the result into the table that was named, or name one that is only this job."""
        answer = job.answer
        if answer is None or job.configuration.get("dryRun"):
            return
        if not asked.get("destinationTable"):
            anonymous = {"projectId": project, "datasetId": "_results", "tableId": f"anon{job.id}".replace("-", "_")}
            job.configuration = {**job.configuration, "query": {**asked, "destinationTable": anonymous}}
            return
        name = table_of(asked["destinationTable"], project)
        fields = [schema_field(column, kind) for column, kind in answer.columns]
        await prepare(self._catalog, name, asked, fields, default="WRITE_EMPTY")
        rows = [as_row(row, answer.columns) for row in answer.rows]
        truncate = asked.get("writeDisposition") == "WRITE_TRUNCATE"
        await self._catalog.append(name, rows, truncate=truncate)

    async def _load(self, project: str, reference: object, configuration: dict[str, Any], content: bytes | None) -> Job:
        asked = configuration["load"]
        if not isinstance(asked, dict):
            raise ReasonedError(400, "configuration.load must be an object")
        job = self._jobs.begin(project, reference, configuration)
        try:
            files = [content] if content is not None else await self._catalog.do(partial(self._files, asked))
            job.statistics = await load(self._catalog, project, asked, files)
        except ApiError as error:
            job.error = reasoned(error)
        self._jobs.end(job)
        return job

    def _files(self, asked: dict[str, Any]) -> list[bytes]:
        uris = asked.get("sourceUris")
        if not isinstance(uris, list) or not uris or not all(isinstance(each, str) for each in uris):
            raise ReasonedError(400, "sourceUris must name files, or a file must be uploaded with the job")
        found: list[bytes] = []
        for uri in uris:
            paths = [each.path for each in self._buckets.find(uri)]
            if not paths:
                raise ReasonedError(404, "Not found: a URI of sourceUris")
            for path in paths:
                found.append(path.read_bytes())
                if sum(map(len, found)) > MOST_LOAD:
                    raise ReasonedError(400, f"the files to load have more than {MOST_LOAD // 2**20} MiB in all")
        return found

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return a job."""
        job = self._jobs.get(project_in(request), request.match_info["jobId"])
        return reply_json(job.resource(str(request.url.origin())))

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Return the last jobs, all in one page."""
        origin = str(request.url.origin())
        found = [{**job.resource(origin), "state": "DONE"} for job in self._jobs.of(project_in(request))]
        return reply_json({"kind": "bigquery#jobList", "jobs": found})

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        """Return the job, which is done already."""
        job = self._jobs.get(project_in(request), request.match_info["jobId"])
        return reply_json({"kind": "bigquery#jobCancelResponse", "job": job.resource(str(request.url.origin()))})

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Forget a job with its result."""
        project, identifier = project_in(request), request.match_info["jobId"]
        self._jobs.get(project, identifier)
        self._jobs.forget(project, identifier)
        return web.Response(status=204)

    async def results(self, request: web.Request) -> web.StreamResponse:
        """Return a page of the result of a query."""
        job = self._jobs.get(project_in(request), request.match_info["jobId"])
        return reply_json(self._page(job, asked_page(request.query)))

    @staticmethod
    def _page(job: Job, page: Page) -> dict[str, Any]:
        if job.answer is None:
            raise ReasonedError(400, "the job is no query that has a result")
        types = [kind for _, kind in job.answer.columns]
        rows = job.answer.rows[page.first : page.first + page.count]
        reply: dict[str, Any] = {
            "kind": "bigquery#getQueryResultsResponse",
            "etag": job.id,
            "schema": {"fields": [schema_field(name, kind) for name, kind in job.answer.columns]},
            "jobReference": job.reference,
            "totalRows": str(len(job.answer.rows)),
            "totalBytesProcessed": "0",
            "jobComplete": True,
            "cacheHit": False,
        }
        if page.count:  # without rows for one who asks for none: clients would take an empty list for all rows
            reply["rows"] = [encode_row(row, types, whole_timestamps=page.whole_timestamps) for row in rows]
        token = next_token(page, len(rows), len(job.answer.rows))
        return reply if token is None else {**reply, "pageToken": token}

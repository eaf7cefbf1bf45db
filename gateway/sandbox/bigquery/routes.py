"""Opens BigQuery over a folder, and returns its routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.datasets_api import DatasetsApi
from gateway.sandbox.bigquery.discovery import METHODS, document
from gateway.sandbox.bigquery.jobs import Jobs
from gateway.sandbox.bigquery.jobs_api import JobsApi
from gateway.sandbox.bigquery.tables_api import TablesApi
from gateway.sandbox.bigquery.uploads_api import UploadsApi
from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.json_bodies import reply_json
from gateway.sandbox.reasoned_error import Handler, ReasonedError, with_reasons
from gateway.sandbox.worker import Worker

BASES = ("/bigquery/v2/", "/v2/")
"""``bq --api`` may leave the first part out."""
UPLOAD = "/upload/bigquery/v2/projects/{projectId}/jobs"


@asynccontextmanager
async def opened_bigquery(root: Path) -> AsyncIterator[Catalog]:
    """Open the datasets below *root*."""
    worker = Worker("sandbox-bigquery")
    try:
        yield Catalog(root, worker)
    finally:
        worker.close()


def bigquery_routes(catalog: Catalog, buckets: Buckets) -> list[web.RouteDef]:
    """Return all routes."""
    jobs = JobsApi(catalog, Jobs(), buckets)
    handlers = _handlers(DatasetsApi(catalog), TablesApi(catalog), jobs)
    uploads = UploadsApi(jobs)
    found = [
        web.route(method, base + path, with_reasons(handlers[name]))
        for base in BASES
        for name, method, path, *_ in METHODS
    ]
    for path in (UPLOAD, f"/resumable{UPLOAD}"):
        found += [web.post(path, with_reasons(uploads.post)), web.put(path, with_reasons(uploads.put))]
    for path in ("/$discovery/rest", "/discovery/v1/apis/bigquery/v2/rest"):
        found.append(web.get(path, _discovery))
    found.append(web.route("*", "/bigquery/v2/{rest:.*}", with_reasons(_not_here)))
    return found


def _handlers(datasets: DatasetsApi, tables: TablesApi, jobs: JobsApi) -> dict[str, Handler]:
    return {
        "projects.list": datasets.projects,
        "datasets.list": datasets.list,
        "datasets.insert": datasets.insert,
        "datasets.get": datasets.get,
        "datasets.patch": datasets.change,
        "datasets.update": datasets.change,
        "datasets.delete": datasets.remove,
        "tables.list": tables.list,
        "tables.insert": tables.insert,
        "tables.get": tables.get,
        "tables.patch": tables.change,
        "tables.update": tables.change,
        "tables.delete": tables.remove,
        "tabledata.insertAll": tables.insert_all,
        "tabledata.list": tables.rows,
        "jobs.list": jobs.list,
        "jobs.insert": jobs.insert,
        "jobs.get": jobs.get,
        "jobs.cancel": jobs.cancel,
        "jobs.delete": jobs.remove,
        "jobs.query": jobs.query,
        "jobs.getQueryResults": jobs.results,
    }


async def _discovery(request: web.Request) -> web.StreamResponse:
    return reply_json(document(str(request.url.origin())))


async def _not_here(_: web.Request) -> web.StreamResponse:
    raise ReasonedError(501, "the sandbox does not have this method of BigQuery")

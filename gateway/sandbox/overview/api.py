"""``GET /``: an overview of the stores for people, with identifiers only and no patient data.

Where a bucket has the public table of a research pipeline, which names nobody, the page also searches that.
"""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.kinds import SEARCH_PUBLIC
from gateway.sandbox.database import Database
from gateway.sandbox.dicom.media_type import parse_accept
from gateway.sandbox.fhir.search.moments import rfc3339_of
from gateway.sandbox.operations import records
from gateway.sandbox.overview.page import page_of
from gateway.sandbox.overview.searching import Asked, search_part
from gateway.sandbox.pages import reply_page

LATEST = 20
MOST_REASONS = 3
Rows = list[dict[str, Any]]


class OverviewApi:
    """The handler of the front page; *buckets* are those that are folders elsewhere, *strict* as in the sandbox."""

    def __init__(self, database: Database, buckets: Mapping[str, Path] | None = None, *, strict: bool = False) -> None:
        self._database, self._buckets, self._strict = database, buckets or {}, strict
        self._searching = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [web.get("/", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show every store with its counts and latest entries, as HTML if the client prefers it, otherwise as JSON."""
        found = await self._database.run(read_overview)
        preferred = [media_type.name for media_type in parse_accept(request.headers.get("Accept", ""))]
        if preferred and preferred[0] == "text/html":
            return await self._page(found, request)
        return web.Response(body=json.dumps(found, indent=2).encode(), content_type="application/json")

    async def _page(self, found: Mapping[str, Rows], request: web.Request) -> web.Response:
        asked = Asked(request.query.get("table", ""), request.query.get("words", "").strip())
        async with self._searching:  # a search may take as much memory as a query
            search = await asyncio.to_thread(search_part, self._buckets, asked, SEARCH_PUBLIC)
        url, names = str(request.url.origin()), sorted(self._buckets)
        return reply_page(page_of(found, url, names, strict=self._strict, search=search), searches=bool(search))


def read_overview(connection: sqlite3.Connection) -> dict[str, Rows]:
    """Return the stores of every kind, and the latest operations. Runs in the database's thread."""
    hl7v2 = connection.execute(
        "SELECT name, COUNT(id) AS messages FROM (SELECT store AS name FROM messages UNION"
        " SELECT name FROM stores WHERE name LIKE '%/hl7V2Stores/%') LEFT JOIN messages ON store = name"
        " GROUP BY name ORDER BY name"
    )
    dicom = connection.execute(
        "SELECT name, COUNT(DISTINCT study_uid) AS studies, COUNT(DISTINCT series_uid) AS series,"
        " COUNT(sop_uid) AS instances, COALESCE(SUM(size), 0) AS bytes FROM (SELECT store AS name FROM instances UNION"
        " SELECT name FROM stores WHERE name LIKE '%/dicomStores/%') LEFT JOIN instances ON store = name"
        " GROUP BY name ORDER BY name"
    )
    fhir = connection.execute(
        "SELECT name, COUNT(rid) AS resources, COALESCE(SUM(LENGTH(body)), 0) AS bytes FROM fhir_stores"
        " LEFT JOIN fhir_resources r ON r.store = fhir_stores.store AND deleted = 0 GROUP BY name ORDER BY name"
    )
    operations = records.latest(connection, LATEST)
    return {
        "hl7V2Stores": [{**dict(row), "latest": _latest_messages(connection, row["name"])} for row in hl7v2.fetchall()],
        "dicomStores": [
            {**dict(row), "latest": _latest_instances(connection, row["name"])} for row in dicom.fetchall()
        ],
        "fhirStores": [{**dict(row), "latest": _latest_resources(connection, row["name"])} for row in fhir.fetchall()],
        "operations": operations,
        "reasons": [each for operation in operations for each in _reasons(connection, operation["name"])],
    }


def _latest_messages(connection: sqlite3.Connection, store: str) -> Rows:
    rows = connection.execute(
        "SELECT store || '/messages/' || id AS name, control_id AS controlId, message_type AS messageType,"
        " create_time AS createTime FROM messages WHERE store = ? ORDER BY row DESC LIMIT ?",
        (store, LATEST),
    )
    return [dict(row) for row in rows]


def _latest_instances(connection: sqlite3.Connection, store: str) -> Rows:
    rows = connection.execute(
        "SELECT study_uid AS studyInstanceUid, series_uid AS seriesInstanceUid, sop_uid AS sopInstanceUid,"
        " sop_class_uid AS sopClassUid, transfer_syntax_uid AS transferSyntaxUid, size AS bytes,"
        " create_time AS createTime FROM instances WHERE store = ? ORDER BY row DESC LIMIT ?",
        (store, LATEST),
    )
    return [dict(row) for row in rows]


def _latest_resources(connection: sqlite3.Connection, store: str) -> Rows:
    rows = connection.execute(
        "SELECT type, id, version FROM fhir_resources JOIN fhir_stores USING (store) WHERE name = ? AND deleted = 0"
        " ORDER BY version DESC LIMIT ?",
        (store, LATEST),
    )
    return [{"type": row["type"], "id": row["id"], "lastUpdated": rfc3339_of(row["version"])} for row in rows]


def _reasons(connection: sqlite3.Connection, operation: str) -> Rows:
    """Return the reasons for which most files of an operation failed, without the names of the files."""
    rows = connection.execute(
        "SELECT operation, reason, COUNT(*) AS count FROM operation_failures WHERE operation = ?"
        " GROUP BY reason ORDER BY count DESC, reason LIMIT ?",
        (operation.rpartition("/")[2], MOST_REASONS),
    )
    return [dict(row) for row in rows]

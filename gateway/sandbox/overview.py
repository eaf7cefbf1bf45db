"""``GET /``: an overview of the stores for people, with identifiers only and no patient data."""

import json
import sqlite3
from html import escape
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.dicom.media_type import parse_accept
from gateway.sandbox.fhir.search.moments import rfc3339_of

LATEST = 20
Rows = list[dict[str, Any]]


class OverviewApi:
    """The handler of the front page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [web.get("/", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show every store with its counts and latest entries, as HTML if the client prefers it, otherwise as JSON."""
        stores = await self._database.run(read_overview)
        preferred = [media_type.name for media_type in parse_accept(request.headers.get("Accept", ""))]
        if preferred and preferred[0] == "text/html":
            return web.Response(text=_page(stores), content_type="text/html")
        return web.Response(body=json.dumps(stores, indent=2).encode(), content_type="application/json")


def read_overview(connection: sqlite3.Connection) -> dict[str, Rows]:
    """Return the stores of every kind. Runs in the database's thread."""
    hl7v2 = connection.execute("SELECT store AS name, COUNT(*) AS messages FROM messages GROUP BY store ORDER BY store")
    dicom = connection.execute(
        "SELECT store AS name, COUNT(DISTINCT study_uid) AS studies, COUNT(DISTINCT series_uid) AS series,"
        " COUNT(*) AS instances, SUM(size) AS bytes FROM instances GROUP BY store ORDER BY store"
    )
    fhir = connection.execute(
        "SELECT name, COUNT(rid) AS resources, COALESCE(SUM(LENGTH(body)), 0) AS bytes FROM fhir_stores"
        " LEFT JOIN fhir_resources USING (store) WHERE deleted = 0 GROUP BY store ORDER BY name"
    )
    return {
        "hl7V2Stores": [{**dict(row), "latest": _latest_messages(connection, row["name"])} for row in hl7v2.fetchall()],
        "dicomStores": [
            {**dict(row), "latest": _latest_instances(connection, row["name"])} for row in dicom.fetchall()
        ],
        "fhirStores": [{**dict(row), "latest": _latest_resources(connection, row["name"])} for row in fhir.fetchall()],
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


def _page(stores: dict[str, Rows]) -> str:
    sections = [_section(store) for kind in stores.values() for store in kind]
    body = "\n".join(sections) or "<p>Nothing has been stored yet.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Hilum sandbox</title><style>'
        "body{font:15px system-ui;margin:2em} table{border-collapse:collapse} td,th{padding:.2em .8em;text-align:left;"
        "border-bottom:1px solid #ddd} code{font-size:90%}</style></head>"
        f"<body><h1>Hilum sandbox</h1>\n{body}</body></html>"
    )


def _section(store: dict[str, Any]) -> str:
    counts = ", ".join(f"{value} {key}" for key, value in store.items() if key not in ("name", "latest"))
    columns = list(store["latest"][0])
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    rows = "".join(f"<tr>{_cells(row)}</tr>" for row in store["latest"])
    title = f"<h2><code>{escape(store['name'])}</code></h2><p>{escape(counts)}; the latest:</p>"
    return f"{title}<table><tr>{head}</tr>{rows}</table>"


def _cells(row: dict[str, Any]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in row.values())

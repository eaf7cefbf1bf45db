"""Tables and their rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.bigquery.catalog import Catalog, kept_of
from gateway.sandbox.bigquery.cells import encode_row
from gateway.sandbox.bigquery.insert_ids import InsertIds
from gateway.sandbox.bigquery.names import DATASET, TableName, checked, dataset_in, project_in, table_in, table_of
from gateway.sandbox.bigquery.pages import asked_page, next_token
from gateway.sandbox.bigquery.resources import TABLE_KEYS, fields_of, kept, table_resource
from gateway.sandbox.bigquery.rows import RowError, read_row
from gateway.sandbox.bigquery.sql.types import quoted, schema_type
from gateway.sandbox.bigquery.views import ENDING, found_now, has_view, view_resource
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.reasoned_error import ReasonedError

NO_VIEWS = ("view", "materializedView", "externalDataConfiguration", "snapshotDefinition", "model")
MOST_ROWS = 50_000
"""Rows of one insertAll, as BigQuery has it."""


class TablesApi:
    """The handlers of ``…/datasets/{datasetId}/tables`` and of ``tabledata``."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._insert_ids = catalog, InsertIds()

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Return the tables of a dataset, all in one page."""
        project, dataset = project_in(request), dataset_in(request)
        kinds = {}
        for name, state in await self._catalog.states(project, dataset):
            kinds[name] = "TABLE"
            if has_view(state):
                kinds.setdefault(name + ENDING, "VIEW")
        found = [
            {
                "kind": "bigquery#table",
                "id": f"{project}:{dataset}.{name}",
                "tableReference": {"projectId": project, "datasetId": dataset, "tableId": name},
                "type": kind,
            }
            for name, kind in sorted(kinds.items())
        ]
        return reply_json({"kind": "bigquery#tableList", "tables": found, "totalItems": len(found)})

    async def insert(self, request: web.Request) -> web.StreamResponse:
        """Make a table."""
        body = await read_object(request)
        for each in NO_VIEWS:
            if body.get(each):
                raise ReasonedError(501, f"a table with {each} is not supported here")
        reference = {**(body.get("tableReference") or {}), "datasetId": dataset_in(request)}
        name = table_of(reference, project_in(request))
        checked(DATASET, name.dataset, "datasetId")
        await self._catalog.create(name, fields_of(body.get("schema")), kept(body, TABLE_KEYS))
        return reply_json(table_resource(name, await self._catalog.state(name)))

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return a table, or a view."""
        name = table_in(request)
        await self._catalog.dataset(name.project, name.dataset)
        found = await self._catalog.do(partial(found_now, self._catalog, name))
        resource = table_resource(found.table, found.state)
        return reply_json(view_resource(name, resource, found.table) if found.is_view else resource)

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Change what the body has; columns can only be added."""
        name, body = table_in(request), await read_object(request)
        state = await self._catalog.state(name)
        fields = fields_of(body.get("schema")) or state.fields
        if len(fields) < len(state.fields):
            raise ReasonedError(400, "columns can be added, and not removed")
        await self._catalog.change(name, fields, kept(body, TABLE_KEYS, kept_of(state)))
        return reply_json(table_resource(name, await self._catalog.state(name)))

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Remove a table."""
        await self._catalog.drop(table_in(request))
        self._insert_ids.forget_table(table_in(request))
        return web.Response(status=204)

    async def insert_all(self, request: web.Request) -> web.StreamResponse:
        """Add the rows of a request: all, or with ``skipInvalidRows`` those that are valid."""
        name, body = table_in(request), await read_object(request)
        state = await self._catalog.state(name)
        given = body.get("rows")
        if not isinstance(given, list) or not 0 < len(given) <= MOST_ROWS:
            raise ReasonedError(400, f"rows must be a list of 1 to {MOST_ROWS} rows")
        good: list[dict[str, Any]] = []
        names: list[str | None] = []
        errors: list[dict[str, Any]] = []
        for index, each in enumerate(given):
            try:
                row = each.get("json") if isinstance(each, dict) else None
                good.append(read_row(row, state.fields, ignore_unknown=bool(body.get("ignoreUnknownValues"))))
                names.append(each["insertId"] if isinstance(each.get("insertId"), str) else None)
            except RowError as error:
                errors.append(_row_error(index, "invalid", str(error), error.column))
        if errors and not body.get("skipInvalidRows"):
            bad = {each["index"] for each in errors}
            errors += [_row_error(index, "stopped", "", "") for index in range(len(given)) if index not in bad]
            good, names = [], []
        await self._add(name, good, names)
        reply: dict[str, Any] = {"kind": "bigquery#tableDataInsertAllResponse"}
        return reply_json({**reply, "insertErrors": errors} if errors else reply)

    async def _add(self, table: TableName, rows: Sequence[dict[str, Any]], names: Sequence[str | None]) -> None:
        """Add the rows whose ``insertId`` did not come in the last minute."""
        is_new = self._insert_ids.take(table, names)
        new = [row for row, added in zip(rows, is_new, strict=True) if added]
        if not new:
            return
        try:
            await self._catalog.append(table, new)
        except BaseException:
            self._insert_ids.forget(table, [each for each, added in zip(names, is_new, strict=True) if added])
            raise

    async def rows(self, request: web.Request) -> web.StreamResponse:
        """Return a page of the rows of a table, in the order in which they came."""
        name = table_in(request)
        state = await self._catalog.state(name)
        page, fields = asked_page(request.query), state.fields
        if selected := request.query.get("selectedFields"):
            wanted = {each.strip().lower() for each in selected.split(",")}
            fields = [each for each in fields if each["name"].lower() in wanted]
        columns = ", ".join(quoted(each["name"]) for each in fields)
        if not columns:
            raise ReasonedError(400, "selectedFields must name columns of the table, and no fields of them")
        sql = f"SELECT {columns} FROM {quoted(name.schema)}.{quoted(name.table)} LIMIT {page.count} OFFSET {page.first}"
        folders = {name.schema: self._catalog.folder(name.project, name.dataset)}
        found = await self._catalog.do(partial(self._catalog.query, folders, sql, page.count))
        types = [schema_type(each) for each in fields]
        reply: dict[str, Any] = {
            "kind": "bigquery#tableDataList",
            "etag": str(state.generation),
            "totalRows": str(state.rows),
            "rows": [encode_row(row, types, whole_timestamps=page.whole_timestamps) for row in found],
        }
        if (token := next_token(page, len(found), state.rows)) is not None:
            reply["pageToken"] = token
        return reply_json(reply)


def _row_error(index: int, reason: str, message: str, location: str) -> dict[str, Any]:
    return {"index": index, "errors": [{"reason": reason, "message": message, "location": location}]}

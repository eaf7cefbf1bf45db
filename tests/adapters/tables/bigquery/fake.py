"""A BigQuery that keeps tables in memory, and takes what the real one documents to take."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.test_utils import TestServer

BASE = "/bigquery/v2/projects/p/datasets/d"


def error(status: int, reason: str) -> web.Response:
    """Return an error as Google's APIs do."""
    found = {"error": {"code": status, "message": "SECRET", "errors": [{"reason": reason, "message": "SECRET"}]}}
    return web.json_response(found, status=status)


@dataclass
class FakeBigQuery:
    """Its tables, and what it was asked."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By insertId."""
    asked: list[str] = field(default_factory=list)
    failing: list[web.Response] = field(default_factory=list)
    """What ``insertAll`` answers next, instead of inserting."""
    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The states that a load job has yet to tell, by its ID."""
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request."""
        if "/jobs" in request.path:
            return await self._job(request)
        body = json.loads(await request.read() or b"{}")
        _, _, table = request.path.removeprefix(BASE).partition("/tables")
        self.asked.append(f"{request.method} {table}")
        name, _, action = table.strip("/").partition("/")
        if action == "insertAll":
            return self.failing.pop(0) if self.failing else self._insert(name, body["rows"])
        if request.method == "POST":
            self.tables[body["tableReference"]["tableId"]] = body
            return web.json_response(body)
        if name not in self.tables:
            return error(404, "notFound")
        if request.method == "PATCH":
            self.tables[name] |= body
        return web.json_response(self.tables[name])

    async def _job(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            self.asked.append("GET job")
            states = self.jobs[request.path.rpartition("/")[2]]
            return web.json_response(states.pop(0) if len(states) > 1 else states[0])
        self.asked.append("POST job")
        assert request.query["uploadType"] == "multipart"
        reader = await request.multipart()
        first = await reader.next()
        assert isinstance(first, BodyPartReader)
        job = json.loads(await first.read())
        second = await reader.next()
        assert isinstance(second, BodyPartReader)
        load, lines = job["configuration"]["load"], (await second.read()).splitlines()
        rows = [json.loads(line) for line in lines]
        error = {"reason": "invalid", "message": "SECRET"} if any("WRONG" in str(row) for row in rows) else None
        if error is None:
            self.rows |= {row["SOPInstanceUID"]: row for row in rows}
        assert load["destinationTable"]["tableId"] in self.tables
        done = {"state": "DONE", **({"errorResult": error} if error else {})}
        reference = {**job["jobReference"], "location": "EU"}
        states = [{"jobReference": reference, "status": each} for each in ({"state": "RUNNING"}, done)]
        self.jobs[job["jobReference"]["jobId"]] = states
        return web.json_response({"jobReference": reference, "status": {"state": "PENDING"}})

    def _insert(self, name: str, rows: list[dict[str, Any]]) -> web.Response:
        fields = self.tables[name]["schema"]["fields"]
        wrong = [number for number, row in enumerate(rows) if not fits(row["json"], fields)]
        if wrong:
            errors = [
                {"index": n, "errors": [{"reason": "invalid" if n in wrong else "stopped", "message": "SECRET"}]}
                for n in range(len(rows))
            ]
            return web.json_response({"insertErrors": errors})
        self.rows |= {row["insertId"]: row["json"] for row in rows}
        return web.json_response({})


def fits(row: dict[str, Any], fields: list[dict[str, Any]]) -> bool:
    """Whether a row has only known columns, lists where they are, JSON as text, and not the value WRONG."""
    kinds = {each["name"]: each for each in fields}
    for name, value in row.items():
        kind = kinds.get(name)
        if kind is None or value is None or isinstance(value, list) != (kind["mode"] == "REPEATED"):
            return False
        for each in value if isinstance(value, list) else [value]:
            if kind["type"] == "RECORD":
                if not fits(each, kind["fields"]):
                    return False
            elif isinstance(each, dict) or each == "WRONG":
                return False
    return True


@asynccontextmanager
async def fake_bigquery() -> AsyncIterator[FakeBigQuery]:
    """Serve on a free port."""
    fake = FakeBigQuery()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(application) as server:
        fake.url = f"http://127.0.0.1:{server.port}{BASE}"
        yield fake

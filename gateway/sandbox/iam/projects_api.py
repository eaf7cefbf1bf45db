"""What of Google's Resource Manager ``gcloud projects`` needs: any project is there, and has a policy."""

import re
import sqlite3
import zlib
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.iam.api import IamApi
from gateway.sandbox.json_bodies import reply_json
from gateway.sandbox.names import PROJECT_PATH

_NAMED = re.compile(r"\b(?:id|projectId)[:=]([a-z][a-z0-9-]*[a-z0-9])")
"""How ``gcloud projects list --filter=projectId:NAME`` asks for one."""
_USED = (
    "SELECT name FROM datasets UNION SELECT name FROM stores UNION SELECT name FROM fhir_stores"
    " UNION SELECT store FROM instances UNION SELECT store FROM messages UNION SELECT resource FROM policies"
)


class ProjectsApi:
    """The handlers of ``/v1/projects``."""

    def __init__(self, database: Database, iam: IamApi) -> None:
        self._database, self._iam = database, iam

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.get("/v1/projects", self.list),
            web.get(PROJECT_PATH, self.get),
            *self._iam.routes_of(PROJECT_PATH),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Return the projects in which there is something; those that a filter names, which are there as any is."""
        found = _NAMED.findall(request.query.get("filter", "")) or await self._database.run(_names)
        return reply_json({"projects": [_project(name) for name in found]} if found else {})

    async def get(self, request: web.Request) -> web.Response:
        """Return a project."""
        return reply_json(_project(request.match_info["project"]))


def _names(connection: sqlite3.Connection) -> list[str]:
    return sorted({name.split("/")[1] for (name,) in connection.execute(_USED)})


def _project(name: str) -> dict[str, Any]:
    """Return a project; its number is always the same for its name."""
    number = 100_000_000_000 + zlib.crc32(name.encode())
    return {"projectId": name, "name": name, "projectNumber": str(number), "lifecycleState": "ACTIVE"}

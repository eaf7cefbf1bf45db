"""``…/locations`` over HTTP: those that are in use, and one that is always there."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.json_bodies import reply_json
from gateway.sandbox.names import LOCATION_PATH, LOCATIONS_PATH, location_name
from gateway.sandbox.resources import all_stores
from gateway.sandbox.resources.paging import page_of

ALWAYS = "us-central1"
"""The location of Google's lab and of most examples."""


class LocationsApi:
    """The handlers of ``…/locations``. Any location that a request names is there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [web.get(LOCATIONS_PATH, self.list), web.get(LOCATION_PATH, self.get)]

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of the locations of a project in which there is something."""
        found = await self._database.run(partial(_used, project=request.match_info["project"]))
        return reply_json(page_of(request, "locations", found))

    async def get(self, request: web.Request) -> web.Response:
        """Return a location."""
        return reply_json(_location(location_name(request)))


def _used(connection: sqlite3.Connection, project: str) -> list[dict[str, Any]]:
    names = [*all_stores.names(connection), *(name for (name,) in connection.execute("SELECT name FROM datasets"))]
    above = f"projects/{project}/locations/"
    used = {name.removeprefix(above).partition("/")[0] for name in names if name.startswith(above)}
    return [_location(f"{above}{each}") for each in sorted({*used, ALWAYS})]


def _location(name: str) -> dict[str, Any]:
    identifier = name.rpartition("/")[2]
    return {"name": name, "locationId": identifier, "labels": {"cloud.googleapis.com/region": identifier}}

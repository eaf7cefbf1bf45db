"""The stores as resources: their ``notificationConfigs`` can be set. A store exists as soon as it is used."""

import json
import re
import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2.filter import FilterError, parse_filter
from gateway.sandbox.names import STORE_PATH, STORES_PATH, store_name
from gateway.sandbox.pubsub.resource import TOPIC, read_object, reply

KINDS = {"hl7V2Stores": "hl7V2StoreId", "dicomStores": "dicomStoreId"}
SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z")
PLURAL, OLD = "notificationConfigs", "notificationConfig"
CONFIG_KEYS = {"pubsubTopic", "filter", "sendForBulkImport"}


class StoresApi:
    """The handlers of ``…/hl7V2Stores`` and ``…/dicomStores``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(STORES_PATH, self.create),
            web.get(STORE_PATH, self.get),
            web.patch(STORE_PATH, self.patch),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Create a store with its settings."""
        kind = request.match_info["kind"]
        identifier = request.query.get(KINDS[kind], "")
        if not SEGMENT.match(identifier):
            raise ApiError(400, f"{KINDS[kind]} must name the store")
        body = _checked(await read_object(request))
        name = f"{_dataset(request)}/{kind}/{identifier}"
        if await self._database.run(partial(read_store, name=name)):
            raise ApiError(409, "the store exists")
        await self._database.run(partial(write_store, name=name, resource=body))
        return reply({"name": name, **body})

    async def get(self, request: web.Request) -> web.Response:
        """Return a store."""
        name = store_name(request, request.match_info["kind"])
        return reply({"name": name, **await self._database.run(partial(read_store, name=name))})

    async def patch(self, request: web.Request) -> web.Response:
        """Change the settings that ``updateMask`` names."""
        name = store_name(request, request.match_info["kind"])
        body = _checked(await read_object(request))
        fields = [_camel(each.strip()) for each in request.query.get("updateMask", "").split(",") if each.strip()]
        if not fields:
            raise ApiError(400, "updateMask must name what is changed")
        changed = await self._database.run(partial(read_store, name=name))
        for field in fields:
            changed = {**changed, field: body[field]} if field in body else _without(changed, field)
        await self._database.run(partial(write_store, name=name, resource=changed))
        return reply({"name": name, **changed})


def read_store(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return the settings of a store. Runs in the database's thread."""
    found = connection.execute("SELECT resource FROM stores WHERE name = ?", (name,)).fetchone()
    resource: dict[str, Any] = json.loads(found[0]) if found else {}
    return resource


def write_store(connection: sqlite3.Connection, name: str, resource: dict[str, Any]) -> None:
    """Set the settings of a store. Runs in the database's thread."""
    connection.execute("INSERT OR REPLACE INTO stores (name, resource) VALUES (?, ?)", (name, json.dumps(resource)))


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    body = _without(body, "name")
    configs = [*(body.get(PLURAL) or []), *([body[OLD]] if body.get(OLD) else [])]
    if not isinstance(body.get(PLURAL, []), list) or not all(map(_is_config, configs)):
        raise ApiError(400, f"{PLURAL} must name the topics, as projects/…/topics/…, and a filter that is valid")
    return body


def _is_config(config: object) -> bool:
    if not isinstance(config, dict) or set(config) - CONFIG_KEYS:
        return False
    topic, condition = config.get("pubsubTopic"), config.get("filter", "")
    try:
        parse_filter(condition)
    except (FilterError, AttributeError, TypeError):
        return False
    return isinstance(topic, str) and bool(TOPIC.match(topic))


def _dataset(request: web.Request) -> str:
    info = request.match_info
    return f"projects/{info['project']}/locations/{info['location']}/datasets/{info['dataset']}"


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _without(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != key}

"""Enforces policies: the bearer token of a request is the name of its principal, and needs a role.

A role of the project, of the dataset or of the store is enough. The *owner* may do everything: somebody must be able to
set the first policy.
"""

import sqlite3
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam import policies
from gateway.sandbox.iam.permissions import needed
from gateway.sandbox.iam.roles import allows


class Enforcer:
    """Checks requests of the Cloud Healthcare API; others, to Pub/Sub and the overview, are not checked."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database, self._owner = database, owner

    async def check(self, request: web.Request) -> None:
        """Raise a 401 or 403 if the principal of a request may not do what it asks for."""
        permissions = needed(request.method, request.path)
        if not permissions:
            return
        principal = principal_of(request)
        if principal == self._owner:
            return
        have = await self._database.run(
            partial(policies.roles_of, resources=resources_of(request.path), principal=principal)
        )
        for permission in permissions:
            if not allows(have, permission):
                if not principal:
                    raise ApiError(
                        401, "the request has no bearer token; it is the name of who asks, such as a@b.example"
                    )
                raise ApiError(403, f"permission {permission} denied on the resource, or it may not exist")

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check a request before it is handled."""
        await self.check(request)
        return await handler(request)

    def allowed(
        self, connection: sqlite3.Connection, principal: str, resource: str, permissions: list[str]
    ) -> list[str]:
        """Return those of *permissions* that a principal has. Runs in the database's thread."""
        if principal == self._owner:
            return permissions
        have = policies.roles_of(connection, above(resource), principal)
        return [each for each in permissions if allows(have, each)]


def principal_of(request: web.Request) -> str:
    """Return who asks: the bearer token; empty without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def resources_of(path: str) -> list[str]:
    """Return the project, the dataset and the store that a path names: the resources that have policies."""
    parts = path.split("/")[2:]
    return above("/".join([*parts[:7], *(each.partition(":")[0] for each in parts[7:8])]))


def above(resource: str) -> list[str]:
    """Return a resource and those above it that have policies."""
    parts = [each.partition(":")[0] for each in resource.split("/")]
    return ["/".join(parts[:size]) for size in (2, 6, 8) if len(parts) >= size]

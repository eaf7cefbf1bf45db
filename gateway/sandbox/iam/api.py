"""``:getIamPolicy``, ``:setIamPolicy`` and ``:testIamPermissions`` of datasets and stores over HTTP."""

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam import policies
from gateway.sandbox.iam.enforcing import Enforcer, principal_of
from gateway.sandbox.json_bodies import check_keys, object_in, read_object, reply_json
from gateway.sandbox.names import ANY_STORE_PATH, DATASET_PATH

USUAL_MASK = ("bindings", "etag")
Handler = Callable[[web.Request], Awaitable[web.Response]]


class IamApi:
    """The handlers of policies; without an *enforcer* everybody has every permission."""

    def __init__(self, database: Database, enforcer: Enforcer | None) -> None:
        self._database, self._enforcer = database, enforcer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [route for path in (DATASET_PATH, ANY_STORE_PATH) for route in self.routes_of(path)]

    def routes_of(self, path: str) -> list[web.RouteDef]:
        """Return the routes of the policies of one kind of resource."""
        return [
            web.get(f"{path}:getIamPolicy", self.get),
            web.post(f"{path}:getIamPolicy", self.get),
            web.post(f"{path}:setIamPolicy", self.set),
            web.post(f"{path}:testIamPermissions", self.test),
        ]

    async def get(self, request: web.Request) -> web.Response:
        """Return the policy of a resource."""
        return reply_json(await self._database.run(partial(policies.get, resource=_resource(request))))

    async def set(self, request: web.Request) -> web.Response:
        """Set the policy of a resource."""
        body = await read_object(request)
        check_keys(body, {"policy", "updateMask"})
        policy = object_in(body, "policy")
        if "policy" not in body:
            raise ApiError(400, "policy is required")
        policies.check(policy)
        mask = [each.strip() for each in str(body.get("updateMask") or "").split(",") if each.strip()] or USUAL_MASK
        work = partial(policies.replace, resource=_resource(request), policy=policy, mask=mask)
        return reply_json(await self._database.run(work))

    async def test(self, request: web.Request) -> web.Response:
        """Return which of some permissions the caller has."""
        asked = (await read_object(request)).get("permissions", [])
        if not isinstance(asked, list) or not all(isinstance(each, str) and "*" not in each for each in asked):
            raise ApiError(400, "permissions must be a list of names, without wildcards")
        allowed = asked
        if self._enforcer is not None:
            allowed = await self._database.run(
                partial(
                    self._enforcer.allowed,
                    principal=principal_of(request),
                    resource=_resource(request),
                    permissions=asked,
                )
            )
        return reply_json({"permissions": allowed} if allowed else {})


def _resource(request: web.Request) -> str:
    """Return the name of the resource that the path names, without version and verb."""
    return request.path.removeprefix("/").partition("/")[2].rpartition(":")[0]

"""The methods of Google's API that the sandbox does not have: each answers 501 with its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from aiohttp import web

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import LOCATION_PATH, SEGMENT

TABLE = Path(__file__).with_name("unserved.txt")
BETA = "# v1beta1 only"
"""The comment before the methods that v1 does not have."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method."""

    verb: str
    path: str
    """Below the location, with names in braces."""
    name: str
    """Without ``healthcare.projects.locations.``."""
    is_beta: bool


@cache
def methods() -> tuple[Method, ...]:
    """Return the methods of the table."""
    found, is_beta = [], False
    for line in TABLE.read_text().splitlines():
        is_beta = is_beta or line.startswith(BETA)
        if not line.startswith("#"):
            verb, path, name = line.split("\t")
            found.append(Method(verb, path, name, is_beta))
    return tuple(found)


def unserved_routes() -> Iterator[web.RouteDef]:
    """Yield a route for each method; those of v1beta1 alone are there in that version only."""
    for method in methods():
        path = re.sub(r"\{(\w+)\}", rf"{{\1:{SEGMENT}}}", method.path)
        path = path.replace("{datasetsId:", "{dataset:").replace("{fhirStoresId:", "{store:")
        whole = f"{LOCATION_PATH}/{path}"
        if method.is_beta:
            whole = whole.replace("/v1/", "/v1beta1/", 1)
        yield web.RouteDef(method.verb, whole, partial(_refuse, method.name), {})


async def _refuse(name: str, _: web.Request) -> web.Response:
    raise ApiError(501, f"healthcare.projects.locations.{name} is not in the sandbox")

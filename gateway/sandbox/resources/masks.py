"""``updateMask``: which fields a PATCH changes."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from gateway.sandbox.google_error import ApiError


def read_mask(request: web.Request, allowed: Collection[str]) -> list[str]:
    """Return the fields that ``updateMask`` names, as JSON names them; raises a 400 for none, or one not *allowed*."""
    fields = [camel(each.strip()) for each in request.query.get("updateMask", "").split(",") if each.strip()]
    if not fields:
        raise ApiError(400, "updateMask must name what is changed")
    for field in fields:
        if field.partition(".")[0] not in allowed:
            raise ApiError(400, f"updateMask can have {', '.join(sorted(allowed))}")
    return fields


def patched(before: Mapping[str, Any], body: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Return *before* with the *fields* as they are in *body*; what the body does not have is removed."""
    after = {name: value for name, value in before.items() if name not in fields}
    for field in fields:
        outer, dot, inner = field.partition(".")
        if dot:
            old, new = _object(before.get(outer)), _object(body.get(outer))
            after[outer] = {**{name: value for name, value in old.items() if name != inner}, **_only(new, inner)}
        else:
            after |= _only(body, field)
    return after


def camel(name: str) -> str:
    """Return a field as JSON names it: clients send both forms."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _only(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: body[name]} if name in body else {}

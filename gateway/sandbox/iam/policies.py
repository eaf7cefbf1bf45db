"""The policies of resources in the database. These functions run in the thread of the database."""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.sandbox.google_error import ApiError

NO_POLICY = "ACAB"
"""The etag that Google's APIs give for a resource without a policy."""
VERSIONS = {0, 1, 3}
FIELDS = {"version", "bindings", "auditConfigs", "etag"}
BINDING = {"role", "members", "condition"}
CONCURRENT = "the policy was changed meanwhile: read it again, and set it with the etag that you get"


def get(connection: sqlite3.Connection, resource: str) -> dict[str, Any]:
    """Return the policy of a resource with its etag."""
    row = connection.execute("SELECT policy FROM policies WHERE resource = ?", (resource,)).fetchone()
    return _with_etag(json.loads(row[0])) if row else {"etag": NO_POLICY}


def replace(
    connection: sqlite3.Connection, resource: str, policy: Mapping[str, Any], mask: Iterable[str]
) -> dict[str, Any]:
    """Set the fields of *mask*; raises a 409 if the policy has another etag than it had when the client read it."""
    before = get(connection, resource)
    etag = str(policy.get("etag") or "")
    # Protocol buffers take both alphabets of base64, and gcloud answers with the other one.
    if etag and etag.translate({0x2D: "+", 0x5F: "/"}) != before["etag"]:
        raise ApiError(409, CONCURRENT, status_name="ABORTED")
    after = {name: value for name, value in before.items() if name not in {*mask, "etag"}}
    after |= {name: policy[name] for name in mask if name != "etag" and policy.get(name)}
    # The format of a policy is that of its last change: 1, unless the client says another one.
    after |= {"version": policy.get("version") or 1}
    text = json.dumps(after, sort_keys=True)
    connection.execute("INSERT OR REPLACE INTO policies (resource, policy) VALUES (?, ?)", (resource, text))
    return _with_etag(after)


def check(policy: Mapping[str, Any]) -> None:
    """Raise a 400 for a policy that is none."""
    if set(policy) - FIELDS or policy.get("version", 0) not in VERSIONS:
        raise ApiError(400, f"policy has a field that is not one of {', '.join(sorted(FIELDS))}, or an unknown version")
    bindings = policy.get("bindings", [])
    if not isinstance(bindings, list) or not all(map(_is_binding, bindings)):
        raise ApiError(400, "policy.bindings must be objects with a role (roles/…) and members (user:…)")
    if any(binding.get("condition") for binding in bindings):
        raise ApiError(501, "the sandbox does not support conditions of bindings")


def roles_of(connection: sqlite3.Connection, resources: Iterable[str], principal: str) -> set[str]:
    """Return the roles that a principal has by the policies of *resources*."""
    found = set()
    for resource in resources:
        for binding in get(connection, resource).get("bindings", []):
            if any(_is_meant(member, principal) for member in binding["members"]):
                found.add(binding["role"])
    return found


def forget(connection: sqlite3.Connection, resource: str) -> None:
    """Remove the policy of a resource that is deleted, and of everything below it."""
    connection.execute(
        "DELETE FROM policies WHERE resource = ? OR substr(resource, 1, ?) = ?",
        (resource, len(resource) + 1, f"{resource}/"),
    )


def _is_meant(member: str, principal: str) -> bool:
    if member == "allUsers":
        return True
    return bool(principal) and (member == "allAuthenticatedUsers" or member.partition(":")[2] == principal)


def _is_binding(binding: object) -> bool:
    if not isinstance(binding, dict) or set(binding) - BINDING:
        return False
    role, members = binding.get("role"), binding.get("members")
    is_role = isinstance(role, str) and role.startswith(("roles/", "projects/", "organizations/"))
    return is_role and isinstance(members, list) and all(isinstance(each, str) for each in members)


def _with_etag(policy: Mapping[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps(policy, sort_keys=True).encode()).digest()
    return {**policy, "etag": base64.b64encode(digest[:8]).decode()}

"""Policies in the database."""

import sqlite3
from typing import Any

import pytest

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam import policies

STORE = "projects/p/locations/l/datasets/d/dicomStores/s"
MASK = ["bindings", "etag"]


def bound(role: str, *members: str) -> dict[str, Any]:
    """Return a policy with one binding."""
    return {"bindings": [{"role": role, "members": list(members)}]}


def test_etag(connection: sqlite3.Connection) -> None:
    """A policy is set with the etag that was read, and not with an earlier one; without an etag it is just set."""
    none = policies.get(connection, STORE)
    first = policies.replace(connection, STORE, {**bound("roles/viewer", "user:a@x"), **none}, MASK)
    assert policies.get(connection, STORE) == first
    assert first["version"] == 1
    with pytest.raises(ApiError) as raised:
        policies.replace(connection, STORE, {**bound("roles/owner", "user:b@x"), **none}, MASK)
    assert (raised.value.status, raised.value.status_name) == (409, "ABORTED")
    assert policies.get(connection, STORE) == first
    second = policies.replace(connection, STORE, {"etag": first["etag"]}, MASK)
    assert ("bindings" in second, second["etag"] != first["etag"]) == (False, True)
    assert policies.replace(connection, STORE, bound("roles/viewer"), MASK)["bindings"][0]["members"] == []


def test_other_alphabet(connection: sqlite3.Connection) -> None:
    """An etag may come back in the other alphabet of base64."""
    for number in range(20):
        policy = policies.get(connection, STORE)
        etag = policy["etag"].replace("+", "-").replace("/", "_")
        made = policies.replace(connection, STORE, {**bound("roles/viewer", f"user:{number}"), "etag": etag}, MASK)
        assert made["bindings"][0]["members"] == [f"user:{number}"]


def test_mask(connection: sqlite3.Connection) -> None:
    """Only the fields of the mask are changed."""
    policies.replace(connection, STORE, bound("roles/viewer", "user:a@x"), MASK)
    audit = {"auditConfigs": [{"service": "allServices"}]}
    after = policies.replace(connection, STORE, audit, ["auditConfigs"])
    assert (after["auditConfigs"], len(after["bindings"])) == (audit["auditConfigs"], 1)


def test_roles(connection: sqlite3.Connection) -> None:
    """A principal has the roles of its bindings and those of everybody; nobody has only the latter."""
    policies.replace(connection, "projects/p", bound("roles/viewer", "user:a@x", "serviceAccount:s@x"), MASK)
    policies.replace(connection, STORE, bound("roles/healthcare.dicomEditor", "allAuthenticatedUsers"), MASK)
    policies.replace(connection, f"{STORE}2", bound("roles/healthcare.dicomViewer", "allUsers"), MASK)
    both = ["projects/p", STORE]
    assert policies.roles_of(connection, both, "s@x") == {"roles/viewer", "roles/healthcare.dicomEditor"}
    assert policies.roles_of(connection, both, "b@x") == {"roles/healthcare.dicomEditor"}
    assert policies.roles_of(connection, both, "") == set()
    assert policies.roles_of(connection, [f"{STORE}2"], "") == {"roles/healthcare.dicomViewer"}


def test_forget(connection: sqlite3.Connection) -> None:
    """With a resource the policies below it go, and not those of its neighbour."""
    for name in ("projects/p", "projects/p/x", "projects/pq"):
        policies.replace(connection, name, bound("roles/viewer"), MASK)
    policies.forget(connection, "projects/p")
    known = [name for (name,) in connection.execute("SELECT resource FROM policies")]
    assert known == ["projects/pq"]


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ({"bindings": {}}, 400),
        ({"bindings": [{"role": "viewer", "members": []}]}, 400),
        ({"bindings": [{"role": "roles/viewer"}]}, 400),
        ({"bindings": [{"role": "roles/viewer", "members": [5]}]}, 400),
        ({"version": 2}, 400),
        ({"x": 1}, 400),
        ({"bindings": [{"role": "roles/viewer", "members": [], "condition": {"expression": "true"}}]}, 501),
    ],
)
def test_wrong(policy: dict[str, Any], status: int) -> None:
    """What is no policy is a 400; conditions would not be looked at, so they are a 501."""
    with pytest.raises(ApiError) as raised:
        policies.check(policy)
    assert raised.value.status == status

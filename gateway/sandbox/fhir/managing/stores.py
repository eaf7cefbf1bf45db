"""The resource ``FhirStore``: create, get, list, patch and delete stores, and open one for a request."""

import json
import re
import sqlite3
from typing import Any

from gateway.sandbox.fhir.notifications import check_configs
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.settings import FhirOptions, StoreFlags
from gateway.sandbox.fhir.tables.streaming import CONFIGS, streams_in
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam import policies
from gateway.sandbox.resources.masks import patched
from gateway.sandbox.resources.store_settings import check_labels

IMMUTABLE = {"version", "disableReferentialIntegrity", "disableResourceVersioning"}
FLAGS = {
    "enableUpdateCreate",
    "defaultSearchHandlingStrict",
    "disableReferentialIntegrity",
    "disableResourceVersioning",
}
KNOWN = FLAGS | {
    "version",
    "labels",
    "notificationConfigs",
    "notificationConfig",
    "complexDataTypeReferenceParsing",
    "validationConfig",
    "bulkExportGcsDestination",
    CONFIGS,
}
NOT_SUPPORTED = {"consentConfig"}
STORE_ID = re.compile(r"[\w.-]{1,256}", re.ASCII)
# A store that nobody created exists as soon as it is used, as the other stores of the sandbox do. It takes IDs of its
# clients; a store that was created has Google's defaults.
IMPLICIT = {"version": "R4", "enableUpdateCreate": True}
Config = dict[str, Any]


def check_config(config: Any, *, can_stream: bool = False) -> Config:
    """Return the settings of a store; raises a 400 or 501 for what the sandbox cannot do."""
    if not isinstance(config, dict):
        raise ApiError(400, "the request must be an object")
    config = {name: value for name, value in config.items() if name != "name"}
    if set(config) & NOT_SUPPORTED:
        raise ApiError(501, f"the sandbox does not support {', '.join(sorted(set(config) & NOT_SUPPORTED))}")
    if set(config) - KNOWN:
        raise ApiError(400, "FhirStore has a key that is not known")
    if any(not isinstance(config.get(name, False), bool) for name in FLAGS):
        raise ApiError(400, "a flag of FhirStore is not true or false")
    check_configs(config.get("notificationConfigs", []))
    check_labels(config.get("labels"))
    if streams_in(config.get(CONFIGS) or []) and not can_stream:
        raise ApiError(501, f"the sandbox has no tables of BigQuery: leave {CONFIGS} out")
    return dict(config)


def create(connection: sqlite3.Connection, dataset: str, store_id: str, config: Config) -> Config:
    """Create a store."""
    if not STORE_ID.fullmatch(store_id):
        raise ApiError(400, "fhirStoreId needs 1 to 256 letters, digits, dots, dashes or underscores")
    if config.get("version") != "R4":
        raise ApiError(400 if "version" not in config else 501, "the sandbox has stores of version R4 only")
    name = f"{dataset}/fhirStores/{store_id}"
    if _row(connection, name):
        raise ApiError(409, "the store exists already")
    _insert(connection, name, config)
    return {"name": name, **config}


def get(connection: sqlite3.Connection, name: str) -> Config:
    """Return the settings of a store."""
    row = _row(connection, name)
    if row is None:
        raise ApiError(404, "there is no such store")
    return {"name": name, **json.loads(row["config"])}


def find_all(connection: sqlite3.Connection, dataset: str, after: str, limit: int) -> list[Config]:
    """Return the stores of a dataset by name, after one of them."""
    rows = connection.execute(
        "SELECT name, config FROM fhir_stores WHERE name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
        (after, f"{dataset}/fhirStores/", f"{dataset}/fhirStores0", limit),
    )
    return [{"name": row["name"], **json.loads(row["config"])} for row in rows]


def patch(connection: sqlite3.Connection, name: str, config: Config, mask: list[str]) -> Config:
    """Change the settings that *mask* names."""
    before = get(connection, name)
    if not mask or {each.partition(".")[0] for each in mask} - KNOWN:
        raise ApiError(400, "updateMask must name settings of the store")
    if any(before.get(field) != config.get(field) for field in set(mask) & IMMUTABLE):
        raise ApiError(400, "updateMask names a setting that cannot be changed")
    after = patched({field: value for field, value in before.items() if field != "name"}, config, mask)
    connection.execute("UPDATE fhir_stores SET config = ? WHERE name = ?", (json.dumps(after), name))
    return {"name": name, **after}


def delete(connection: sqlite3.Connection, name: str) -> None:
    """Delete a store with everything in it."""
    row = _row(connection, name)
    if row is None:
        raise ApiError(404, "there is no such store")
    store = row["store"]
    for table in ("fhir_token", "fhir_string", "fhir_date", "fhir_reference", "fhir_quantity", "fhir_versions"):
        connection.execute(
            f"DELETE FROM {table} WHERE rid IN (SELECT rid FROM fhir_resources WHERE store = ?)",  # noqa: S608
            (store,),
        )
    connection.execute(
        "DELETE FROM fhir_pending WHERE rid IN (SELECT rid FROM fhir_resources WHERE store = ?)", (store,)
    )
    for table in ("fhir_targets", "fhir_resources", "fhir_stores"):
        connection.execute(f"DELETE FROM {table} WHERE store = ?", (store,))  # noqa: S608 - fixed names
    policies.forget(connection, name)


def open_session(connection: sqlite3.Connection, name: str, options: FhirOptions) -> Session:
    """Return a session of the store; a store that does not exist yet is made."""
    row = _row(connection, name)
    if row is None:
        _insert(connection, name, IMPLICIT)
        row = _row(connection, name)
    assert row is not None  # noqa: S101 - mypy; it was inserted
    return Session(connection, row["store"], StoreFlags.read(json.loads(row["config"])), options)


def _row(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute("SELECT * FROM fhir_stores WHERE name = ?", (name,)).fetchone()
    return found


def _insert(connection: sqlite3.Connection, name: str, config: Config) -> None:
    connection.execute(
        "INSERT INTO fhir_stores (name, config, last_version) VALUES (?, ?, 0)", (name, json.dumps(config))
    )

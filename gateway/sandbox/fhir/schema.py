"""The tables of the FHIR stores. Bodies are text of JSON; the index tables hold what a search compares."""

# `p` is a number that is made of store, resource type and parameter (search/index.py): a lookup reads one range of an
# index. The current version of a resource is in fhir_resources, earlier ones are in fhir_versions.
FHIR_SCHEMA = """
CREATE TABLE IF NOT EXISTS fhir_stores (
    store INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL, last_version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fhir_resources (
    rid INTEGER PRIMARY KEY,
    store INTEGER NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    method TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    searchable INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (store, type, id)
);
CREATE INDEX IF NOT EXISTS fhir_resources_by_version ON fhir_resources (store, type, version);
CREATE TABLE IF NOT EXISTS fhir_versions (
    rid INTEGER NOT NULL,
    version INTEGER NOT NULL,
    method TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (rid, version)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS fhir_token (p INTEGER, code TEXT, system TEXT, rid INTEGER,
    PRIMARY KEY (p, code, system, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_token_by_rid ON fhir_token (rid);
CREATE TABLE IF NOT EXISTS fhir_string (p INTEGER, norm TEXT, value TEXT, rid INTEGER,
    PRIMARY KEY (p, norm, value, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_string_by_rid ON fhir_string (rid);
CREATE TABLE IF NOT EXISTS fhir_date (p INTEGER, low INTEGER, high INTEGER, rid INTEGER,
    PRIMARY KEY (p, low, high, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_date_by_rid ON fhir_date (rid);
CREATE TABLE IF NOT EXISTS fhir_reference (p INTEGER, target TEXT, type TEXT, rid INTEGER,
    PRIMARY KEY (p, target, type, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_reference_by_rid ON fhir_reference (rid);
CREATE TABLE IF NOT EXISTS fhir_quantity (p INTEGER, value REAL, system TEXT, code TEXT, unit TEXT, rid INTEGER,
    PRIMARY KEY (p, value, system, code, unit, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_quantity_by_rid ON fhir_quantity (rid);

-- Every reference of a current resource, also those that no search parameter names: for the referential integrity.
CREATE TABLE IF NOT EXISTS fhir_targets (store INTEGER, type TEXT, id TEXT, rid INTEGER,
    PRIMARY KEY (store, type, id, rid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_targets_by_rid ON fhir_targets (rid);
-- Resources whose rows in the index are written later (`index_delay`), and when, in microseconds since 1970.
CREATE TABLE IF NOT EXISTS fhir_pending (rid INTEGER PRIMARY KEY, due INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fhir_operations (
    row INTEGER PRIMARY KEY, dataset TEXT NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL
);
-- Why resources failed in an operation, with how many; and which.
CREATE TABLE IF NOT EXISTS operation_logs (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS operation_failures (
    row INTEGER PRIMARY KEY, operation TEXT NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS operation_failures_by_operation ON operation_failures (operation);
"""

"""Other projects' HL7 messages as FHIR in a strict store, the sandbox's: each bundle is taken, also the second time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from adapters.fhir.convert import Conversion, convert
from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.bundles.execute import execute
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.schema import FHIR_SCHEMA
from gateway.sandbox.fhir.settings import FhirOptions
from tests.corpus.test_fhir_corpus import OPTIONS, listed
from tests.corpus.test_hl7_corpus import FILES, name

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    """Open a database for many stores."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.row_factory = sqlite3.Row
        opened.executescript(FHIR_SCHEMA)
        yield opened


def refused(connection: sqlite3.Connection, store: str, bundles: list[Any]) -> Iterator[str]:
    """Yield what a store refuses of *bundles*, one after the other."""
    for each in bundles:
        connection.execute("BEGIN IMMEDIATE")
        session = open_session(connection, f"projects/p/locations/l/datasets/d/fhirStores/{store}", FhirOptions())
        try:
            execute(session, each, "http://store")
        except FhirError as error:
            connection.execute("ROLLBACK")
            yield f"{error.status} {error.diagnostics}"
        else:
            connection.execute("COMMIT")


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
def test_bundles(path: Path, connection: sqlite3.Connection) -> None:
    """A store refuses no bundle, neither the first time nor the second time."""
    for number, data in enumerate(listed(path)):
        made = convert(data, OPTIONS[1])
        if isinstance(made, Conversion):
            bundle = read_json(made.encoded())
            assert [] == list(refused(connection, f"{uuid5(NAMESPACE_URL, name(path))}-{number}", [bundle, bundle]))

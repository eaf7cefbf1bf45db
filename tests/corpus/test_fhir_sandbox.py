"""Other projects' HL7 messages as FHIR in a strict store, the sandbox's: each bundle is taken, also the second time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.fhir.context import Options
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


def taken(bundles: list[Any]) -> Iterator[str]:
    """Yield what a new store refuses of *bundles*, one after the other."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript(FHIR_SCHEMA)
        for each in bundles:
            connection.execute("BEGIN IMMEDIATE")
            session = open_session(connection, "projects/p/locations/l/datasets/d/fhirStores/f", FhirOptions())
            try:
                execute(session, each, "http://store")
            except FhirError as error:
                connection.execute("ROLLBACK")
                yield f"{error.status} {error.diagnostics}"
            else:
                connection.execute("COMMIT")


@pytest.mark.parametrize("path", FILES, ids=name)
@pytest.mark.parametrize("options", OPTIONS, ids=["defaults", "all settings"])
def test_bundles(path: Path, options: Options) -> None:
    """The store refuses no bundle, neither the first time nor the second time."""
    for data in listed(path):
        made = convert(data, options)
        if isinstance(made, Conversion):
            bundle = read_json(made.encoded())
            assert [] == list(taken([bundle, bundle]))

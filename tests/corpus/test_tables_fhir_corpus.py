"""Other projects' FHIR resources become rows, whatever is in them, and the rows of one type are one table."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.tables.columns import Column, merged
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.fhir.rows import SHAPE, NoRowError, row_of

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "fhir"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")


def resources(found: Any) -> Iterator[dict[str, Any]]:
    """Yield the resources in a file, those in bundles too."""
    if isinstance(found, dict) and found.get("resourceType") == "Bundle":
        for entry in found.get("entry", ()):
            yield from resources(entry.get("resource"))
    elif isinstance(found, dict) and "resourceType" in found:
        yield found


def test_rows(tmp_path: Path) -> None:
    """Every resource with an ID is a row with its ID, and none is refused by its table."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    columns: dict[str, tuple[Column, ...]] = defaultdict(tuple)
    for path in sorted(CORPUS.rglob("*.json")):
        try:
            found = list(resources(json.loads(path.read_bytes())))
        except ValueError:
            continue
        for number, resource in enumerate(found):
            try:
                made = row_of(resource, "2026-01-31T00:00:00Z", known_as=f"{path.name}-{number}")
            except NoRowError:
                continue
            rows[resource["resourceType"]].append(made.row)
            columns[resource["resourceType"]] = merged(columns[resource["resourceType"]], made.columns)
    assert 5 < len(rows)
    tables = Tables(tmp_path)
    for kind, each in rows.items():
        tables.create(kind, SHAPE)
        with tables.writer(kind) as table:
            table.append(each, columns[kind])
        assert [(len(each),)] == Engine({"main": tables}).query(f'SELECT count(*) FROM "{kind}_rows"').rows

"""Each value of a row equals what the store's own ``/metadata`` says, in all three forms, for other projects' files."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pydicom
import pytest

from adapters.tables.columns import Column, merged
from adapters.tables.contract import Tables
from adapters.tables.dicom.dictionary import column_of, name_of
from adapters.tables.dicom.reading import read_file
from adapters.tables.dicom.rows import SHAPE, About, Form, row_of
from adapters.tables.engine import Engine
from gateway.sandbox.dicom.file import Instance, inspect

pytest.importorskip("duckdb", reason="the extra `tables` is not installed")

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "dicom"
PYDICOM = Path(pydicom.__file__).parent / "data"
Json = dict[str, Any]


def accepted(folder: Path) -> Iterator[tuple[Path, Json]]:
    """Yield the files that the sandbox's store takes, with what its ``/metadata`` says."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        instance = inspect(path)
        if isinstance(instance, Instance):
            yield path, json.loads(instance.metadata)


@pytest.fixture(scope="module", params=["corpus", "pydicom"])
def files(request: pytest.FixtureRequest) -> list[tuple[Path, Json]]:
    """Return the files of one source."""
    if request.param == "corpus" and not CORPUS.is_dir():
        pytest.skip("the corpus is not beside the repository")
    return list(accepted(CORPUS if request.param == "corpus" else PYDICOM))


def test_metadata(files: list[tuple[Path, Json]]) -> None:
    """The attributes of every file are those of the store."""
    wrong = [path.name for path, wanted in files if wanted != json.loads(json.dumps(read_file(path).data_set.json))]
    assert [] == wrong
    assert 50 < len(files)


@pytest.mark.parametrize("form", ["json", "nested", "flattened"])
def test_rows(files: list[tuple[Path, Json]], form: Form, tmp_path: Path) -> None:
    """What comes out of the table is what the store says, value by value; nothing is missing."""
    tables = Tables(tmp_path)
    tables.create("t", SHAPE)
    columns: tuple[Column, ...] = ()
    rows = []
    for number, (path, _) in enumerate(files):
        made = row_of(read_file(path).data_set, form, About("2026-01-31T00:00:00Z", source=str(number)))
        rows.append(made.row)
        columns = merged(columns, made.columns)
    with tables.writer("t") as table:
        table.append(rows, columns)
    found = Engine({"main": tables}).query("SELECT * FROM t_rows ORDER BY SourceDicomStore::INTEGER")
    assert len(files) == len(found.rows)
    for (path, wanted), values in zip(files, found.rows, strict=True):
        assert (path.name, []) == (path.name, list(unlike(wanted, dict(zip(found.names, values, strict=True)), form)))


def unlike(wanted: Json, row: Json, form: Form) -> Iterator[str]:
    """Yield the tags whose values in *row* are not those of the store."""
    kept = json.loads(row["Metadata"]) if row["Metadata"] else {}
    others = {each["Tag"]: each["Data"] for each in row.get("OtherElements") or ()}
    for tag, element in wanted.items():
        if tag in kept or form == "json":
            is_same = kept.get(tag) == element
        elif column_of(tag) is None:
            is_same = others[name_of(tag)] == others_of(element)
        else:
            is_same = is_value(element, row.get(name_of(tag)), form)
        if not is_same:
            yield tag


def others_of(element: Json) -> list[str]:
    """Return how an attribute without a column is told."""
    if "InlineBinary" in element:
        return [element["InlineBinary"]]
    return [
        each if isinstance(each, str) else json.dumps(each, separators=(",", ":"), ensure_ascii=False)
        for each in element.get("Value", [])
    ]


def is_value(element: Json, value: Any, form: Form) -> bool:
    """Whether a value of a column is that of an attribute."""
    wanted = element.get("Value", [])
    if element["vr"] == "SQ" and form == "flattened":
        return bool(wanted == (json.loads(value) if value else []))
    values = value if isinstance(value, list) else [] if value is None else [value]
    if element["vr"] == "SQ":
        pairs = zip(wanted, values, strict=False)
        return (not any(map(any, wanted)) or len(values) == len(wanted)) and all(is_item(*each) for each in pairs)
    return len(wanted) == len(values) and all(is_one(element["vr"], *each) for each in zip(wanted, values, strict=True))


def is_item(wanted: Json, row: Json) -> bool:
    """Whether a record is an item of a sequence."""
    others = {each["Tag"]: each["Data"] for each in row.get("OtherElements") or ()}
    return all(
        others.get(name_of(tag)) == others_of(element)
        if column_of(tag) is None
        else is_value(element, row.get(name_of(tag)), "nested")
        for tag, element in wanted.items()
    )


def is_one(vr: str, wanted: Any, value: Any) -> bool:
    """Whether one value is the other."""
    if vr in {"DS", "IS"}:
        return float(value) == float(wanted)
    if vr == "PN":
        return bool(wanted == {key: each for key, each in value.items() if each is not None})
    if vr == "AT":
        return bool(wanted == f"{value:08X}")
    if vr in {"DA", "TM", "DT"}:
        return is_time(vr, wanted, value)
    return bool(value == wanted)


def is_time(vr: str, wanted: str, value: Any) -> bool:
    """Whether a date or time says what the digits say, which may be fewer; a DT with a zone is in another one."""
    if vr == "DA":
        return bool(value.strftime("%Y%m%d") == wanted)
    if vr == "DT" and wanted[-5:-4] in {"+", "-"}:
        zone = datetime.strptime(wanted[-5:], "%z").tzinfo
        wanted, value = wanted[:-5], value.astimezone(zone)
    digits, _, fraction = wanted.partition(".")
    whole = value.strftime("%Y%m%d%H%M%S" if vr == "DT" else "%H%M%S")
    return f"{digits:0<{len(whole)}}" == whole and f"{fraction:0<6}" == f"{value.microsecond:06}"

"""Every instance of pydicom's files and of the corpus, in all three shapes, against the store's own ``/metadata``.

What a table tells is read back from its Parquet files, and each value of the store's DICOM JSON is looked up in it. The
sandbox's store makes its JSON with pydicom, and shares no code with the tables.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydicom.datadict import keyword_for_tag

from adapters.dicom.encoding import Malformed
from adapters.tables.columns import merged
from adapters.tables.contract import Tables
from adapters.tables.dicom.reading import read_file
from adapters.tables.dicom.rows import SHAPE, About, Form, NoIdentityError, row_of
from adapters.tables.engine import Engine
from adapters.tables.manifest import Shape
from gateway.sandbox.dicom.file import Instance, inspect
from tests.adapters.deidentify.judge.real_files import CORPUS, SHIPPED
from tests.adapters.tables.shapes import duckdb

Json = dict[str, Any]
AT_LEAST = 140
"""So many of pydicom's files alone are instances that a store takes."""
NOW = "2026-01-01T00:00:00Z"
assert duckdb


@cache
def files() -> dict[str, Path]:
    """Return every file, by its path; most that are no instances have another name."""
    folders = SHIPPED, SHIPPED.parent / "charset_files", CORPUS
    return {
        str(path.relative_to(folder)): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def stored() -> dict[str, Json]:
    """Return the metadata of each file that a store takes, by the name of the file."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, path in files().items():
            instance = inspect(path)
            if isinstance(instance, Instance):
                found[name] = json.loads(instance.metadata)
    return found


def in_a_table(folder: Path, form: Form) -> Iterator[tuple[str, Json]]:
    """Write a row for each file; yield what the table tells of it, and the name of the file."""
    names = list(stored())
    made = [row_of(read_file(files()[name]).data_set, form, About(NOW, source=name)) for name in names]
    columns = SHAPE.columns
    for each in made:
        columns = merged(columns, each.columns)
    tables = Tables(folder)
    tables.create("t", Shape(columns))
    with tables.writer("t") as table:
        table.append([each.row for each in made])
    engine = Engine({"main": tables})
    try:
        found = engine.query("SELECT * FROM t")
    finally:
        engine.close()
    for values in found.rows:
        row = dict(zip(found.names, values, strict=True))
        yield row["SourceDicomStore"], row


def missing(attributes: Json, row: Mapping[str, Any], rest: Json, zone: str, form: Form) -> Iterator[str]:
    """Yield the tags of attributes that the row does not have with the same value, or does not tell of.

    *rest* is what the row has in ``Metadata``: attributes whose values do not fit their columns.
    """
    others = {each["Tag"]: each["Data"] for each in row.get("OtherElements") or ()}
    for tag, element in attributes.items():
        name = keyword_for_tag(int(tag, 16))
        if tag in rest:
            is_there = rest[tag] == element
        elif f"Tag_{tag.lower()}" in others:
            is_there = others[f"Tag_{tag.lower()}"] == _texts(element)
        elif element["vr"] == "SQ" and form == "nested":
            is_there = not list(_items(element, row.get(name), zone, form))
        elif element["vr"] == "SQ":
            is_there = json.loads(row.get(name) or "null") == element.get("Value")
        else:
            is_there = _same(element, row.get(name), zone)
        if not is_there:
            yield f"{tag} {name}"


def _texts(element: Json) -> list[str]:
    values = [element["InlineBinary"]] if "InlineBinary" in element else element.get("Value", [])
    return [each if isinstance(each, str) else _text(each) for each in values]


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _items(element: Json, found: Any, zone: str, form: Form) -> Iterator[str]:
    items = element.get("Value", [])
    if not any(items):  # a RECORD without fields cannot be
        return
    if not isinstance(found, list) or len(found) != len(items):
        yield "another number of items"
        return
    for item, row in zip(items, found, strict=True):
        yield from missing(item, row or {}, {}, zone, form)


def _same(element: Json, found: Any, zone: str) -> bool:
    """Tell whether a column has the values of an attribute."""
    values = element.get("Value", [])
    given = found if isinstance(found, list) else [] if found is None else [found]
    if "InlineBinary" in element or len(values) != len(given):
        return "InlineBinary" not in element and not any(values) and not any(given)
    return all(_is(element["vr"], value, each, zone) for value, each in zip(values, given, strict=True))


def _is(vr: str, value: Any, found: Any, zone: str) -> bool:
    if value is None:
        return found is None or found == ""
    compare = SAME.get(vr)
    return bool(found == value) if compare is None else compare(value, found, zone)


def _time(value: str) -> time:
    digits, _, fraction = value.partition(".")
    digits = digits.ljust(6, "0")
    return time(int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(fraction.ljust(6, "0") or 0))


def _is_moment(value: str, found: Any, zone: str) -> bool:
    digits, offset = (value[:-5], value[-5:]) if value[-5] in "+-" else (value, zone)
    day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    own = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:])) * (-1 if offset[0] == "-" else 1)
    moment = datetime.combine(day, _time(digits[8:] or "00"), UTC) - own
    return bool(found == moment)


SAME: Mapping[str, Callable[[Any, Any, str], bool]] = {
    **dict.fromkeys(("DS", "IS"), lambda value, found, _: isinstance(found, str) and float(found) == float(value)),
    "AT": lambda value, found, _: bool(found == int(value, 16)),
    "DA": lambda value, found, _: bool(found == date(int(value[:4]), int(value[4:6]), int(value[6:]))),
    "TM": lambda value, found, _: bool(found == _time(value)),
    "DT": _is_moment,
    "PN": lambda value, found, _: {name: each for name, each in found.items() if each is not None} == value,
}
"""Whether a value of a column is one of DICOM JSON, by value representation; the others are the same in both."""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["nested", "json", "flattened"])
def test_as_the_store(tmp_path: Path, form: Form) -> None:
    """Each value that the store tells of an instance is in its row, or is named as one that does not fit."""
    seen, wrong = set(), []
    for name, row in in_a_table(tmp_path, form):
        seen.add(name)
        attributes, rest = stored()[name], json.loads(row["Metadata"] or "{}")
        if form == "json":
            wrong += [] if rest == attributes else [name]
            continue
        zone = (attributes.get("00080201", {}).get("Value") or ["+0000"])[0]
        wrong += [f"{name}: {each}" for each in missing(attributes, row, rest, zone, form)]
        told = {each.partition(".")[0] for each in row["DroppedTags"]}
        wrong += [f"{name}: {tag} is not told" for tag in rest if not {keyword_for_tag(int(tag, 16))} <= told]
    assert wrong == []
    assert seen == set(stored())
    assert len(seen) >= AT_LEAST


@pytest.mark.slow
def test_the_same_files() -> None:
    """What a store takes has a row, and what it refuses because of its header has none."""
    refused = []
    for name in stored():
        try:
            row_of(read_file(files()[name]).data_set, "json", About(NOW))
        except (Malformed, NoIdentityError):
            refused.append(name)
    assert refused == []


def test_the_judge_sees_differences() -> None:
    """A value that differs, is absent, or is elsewhere is found."""
    attributes = {
        "00080020": {"vr": "DA", "Value": ["20260131"]},
        "00280030": {"vr": "DS", "Value": [0.5, 1]},
        "00081140": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["A"]}}]},
        "00091001": {"vr": "LO", "Value": ["x"]},
    }
    row: Json = {
        "StudyDate": date(2026, 1, 31),
        "PixelSpacing": ["0.5", "1.0"],
        "ReferencedImageSequence": [{"CodeValue": "A"}],
        "OtherElements": [{"Tag": "Tag_00091001", "Data": ["x"]}],
    }
    assert [] == list(missing(attributes, row, {}, "+0000", "nested"))
    wrong: dict[str, Any] = {
        "StudyDate": date(2026, 1, 30),
        "PixelSpacing": ["0.5"],
        "ReferencedImageSequence": [{"CodeValue": None}],
        "OtherElements": [{"Tag": "Tag_00091001", "Data": ["y"]}],
    }
    for name, value in wrong.items():
        assert 1 == len(list(missing(attributes, {**row, name: value}, {}, "+0000", "nested")))

"""HL7's own maps to FHIR: each of their rows is covered by one of ours, or errata.csv says why not."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters.fhir
from adapters.fhir.tables import rows, table_names
from tests.adapters.fhir.test_tables import base

MAPS = Path(__file__).parents[3] / "shared" / "data" / "v2-to-fhir" / "segments"
pytestmark = pytest.mark.skipif(not MAPS.is_dir(), reason="HL7's maps are not beside the repository")

ERRATA = Path(adapters.fhir.__file__).with_name("errata.csv")
SOURCES = Path(adapters.fhir.__file__).with_name("sources.csv")


def errata() -> dict[tuple[str, int], str]:
    """Return what is done otherwise: the reason by table and field."""
    with ERRATA.open(encoding="utf-8", newline="") as file:
        return {(row["table"], int(row["field"])): row["reason"] for row in csv.DictReader(file)}


PARTS = {
    "AIG-Participant": "AIG[Appointment]",
    "AIL-Participant": "AIL[Appointment]",
    "AIP-Participant": "AIP[Appointment]",
    "NK1-Contact": "NK1[Patient]",
    "ROL-Participant": "ROL[Encounter-PractitionerRole]",
    "ROL-Patient": "ROL[Patient-GeneralPractitioner]",
}
"""HL7's maps for tables that are about a part of a resource, or are named otherwise."""


def map_name(table: str) -> str:
    """Return the name that HL7's map for a table of ours has, if there is one."""
    segment, _, resource = table.partition("-")
    return PARTS.get(table, f"{segment}[{resource}]")


def map_file(name: str) -> Path | None:
    """Return HL7's map with that name; None if HL7 has none."""
    return next((each for each in MAPS.iterdir() if f" {name} " in each.name), None)


def map_of(table: str) -> Path | None:
    """Return HL7's map for a table of ours; None if HL7 has none."""
    return map_file(map_name(table))


def targets(table: str) -> Iterator[tuple[int, str]]:
    """Yield field and element, at the top level, of each row of HL7's map that has a target."""
    path, part = map_of(table), base(table).partition(".")[2]
    for field, target in map_rows(path) if path is not None else ():
        if found := re.fullmatch(r"[A-Z0-9]{3}-(\d+)", field):
            yield int(found[1]), top(re.sub(rf"^{part}(\[\d+\])?\.", "", target) if part else target)


def map_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Yield field and target of each row of a map that has a target."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in list(csv.reader(file))[2:]:
            if row[9].strip():
                yield row[1].strip(), row[9].strip()


def top(element: str) -> str:
    """Return the first element of a way, without what HL7 and we write around it."""
    return re.split(r"[\[.(=]", element)[0].lstrip("_")


def uncovered(table: str) -> set[tuple[str, int]]:
    """Return the fields of which HL7 has a target that no row of ours has."""
    ours: dict[int, set[str]] = {}
    for row in rows(table):
        ours.setdefault(row.number, set()).add(top(row.element))
    return {
        (table, number)
        for number, target in targets(table)
        if not any(target.startswith(each) for each in ours.get(number, ()))
    }


def test_errata() -> None:
    """Every departure from HL7's maps has its reason, and no reason is left of a departure that is none."""
    found = set().union(*map(uncovered, table_names("rows")))
    assert found == errata().keys()
    assert all(errata().values())


def test_sources() -> None:
    """Each table for which HL7 has no map has its source, and no other one."""
    with SOURCES.open(encoding="utf-8", newline="") as file:
        sources = {row["table"]: row["source"] for row in csv.DictReader(file)}
    assert sources.keys() == {each for each in table_names("rows") if map_of(each) is None}
    assert all(sources.values())

"""Reports of both hospitals, from their CSV files to cleaned texts, against the key of the generator."""

import gzip
import io
from collections.abc import Iterator
from random import Random

import pytest

from adapters.dicom.encoding import Malformed
from adapters.pipeline.contract import Reference, Row
from adapters.pipeline.linking import Links, link
from adapters.pipeline.reports.cleaning import Policy, clean_text
from adapters.pipeline.reports.patients import Patients
from adapters.pipeline.reports.reading import reports_of
from adapters.pipeline.reports.settings import ReportColumns, ReportFormat
from adapters.tables.dicom import rows
from adapters.tables.dicom.reading import Instance, scan
from tests.pipeline.hospitals import COLUMNS, DELIVERED, FORMATS, NAMES, Hospitals, hospitals

FULL = {"instances": 2000, "reports": 600, "burned": 0.0}
SMALL = {"instances": 80, "reports": 90, "burned": 0.0}


SIZES = [pytest.param(SMALL, id="small"), pytest.param(FULL, id="full", marks=pytest.mark.slow)]


@pytest.fixture(scope="module", params=SIZES)
def made(request: pytest.FixtureRequest) -> Hospitals:
    """Return hospitals of two sizes."""
    return hospitals(**request.param)


def reports(made: Hospitals, deliveries: int) -> tuple[list[Row], dict[tuple[str, str], int]]:
    """Return the rows of all versions of all files, and how many dead letters each file gives."""
    found: list[Row] = []
    dead: dict[tuple[str, str], int] = {}
    for number, delivery in enumerate(made.deliveries[:deliveries]):
        for (hospital, key), octets in delivery.items():
            if not key.startswith(("reports/", "csv/")):
                continue
            reference = Reference(hospital, key, f"v{number}", len(octets), DELIVERED[number])
            columns, form = ReportColumns(**COLUMNS[hospital]), ReportFormat(**FORMATS[hospital])
            each = reports_of(reference, io.BytesIO(octets), columns, form)
            found += each.rows.get("reports", ())
            if each.dead:
                dead[hospital, key] = len(each.dead)
    return found, dead


def images(made: Hospitals, deliveries: int) -> Iterator[Row]:
    """Yield the rows of all images that can be read."""
    for (hospital, key), octets in made.objects(deliveries).items():
        if not key.endswith(".dcm"):
            continue
        try:
            data_set = _instance(gzip.decompress(octets) if octets.startswith(b"\x1f\x8b") else octets).data_set
            row = rows.row_of(data_set, "nested", rows.About("")).row
        except (Malformed, rows.NoIdentityError):
            assert (hospital, key) in made.dead_images
            continue
        yield {**row, "hospital": hospital}


def _instance(octets: bytes) -> Instance:
    reading = scan(len(octets))
    try:
        span = next(reading)
        while True:
            span = reading.send(octets[span.first : span.first + span.count])
    except StopIteration as end:
        found: Instance = end.value
        return found


def markers(found: list[Row]) -> dict[str, str]:
    """Return the marker of each report by its name."""
    return {row["report_id"]: row["text"].split("\n")[0].removeprefix("Text ") for row in found}


def linked(links: Links, of: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return the marker of each linked report by its study."""
    return {key: of[name] for key, name in links.reports.items()}


def test_key(made: Hospitals) -> None:
    """No link is wrong and none is missed; each report that is not linked has the reason of the key."""
    found, dead = reports(made, 2)
    of = markers(found)
    pictures = [*images(made, 2)]
    links = link(pictures, found)
    assert made.dead_rows == dead
    assert made.links == linked(links, of)
    unlinked = {of[name]: why.name for name, why in links.unlinked.items() if why.name != "REPEATED"}
    assert made.unlinked == unlinked
    assert {of[name] for name, why in links.unlinked.items() if why.name == "REPEATED"} == made.repeated
    assert made.unread.isdisjoint(of.values())
    assert made.studies.keys() - made.links.keys() == links.without
    chance = Random(1)
    chance.shuffle(pictures)
    chance.shuffle(found)
    assert links == link(pictures, found)


def test_reports_before_images(made: Hospitals) -> None:
    """After the first delivery, reports wait for images that are late; what is linked stays so, or is corrected."""
    found, _ = reports(made, 1)
    of = markers(found)
    links = link(images(made, 1), found)
    first = linked(links, of)
    assert first.keys() == made.links.keys() - made.late
    changed = {of_first for key, of_first in first.items() if made.links[key] != of_first}
    assert all(made.unlinked[marker] == "SUPERSEDED" for marker in changed)
    waiting = {of[name] for name, why in links.unlinked.items() if why.name == "NO_IMAGES"}
    assert {made.links[key] for key in made.late} <= waiting


def test_cleaned(made: Hospitals) -> None:
    """No cleaned text has a planted string; its marker and what is said of the disease stay."""
    found, _ = reports(made, 2)
    by_name = {row["report_id"]: row for row in found}
    pictures = [*images(made, 2)]
    links = link(pictures, found)
    patients = Patients()
    for row in pictures:
        patients.add(row["hospital"], row)
    policy = Policy(keeps_text=True, dates="shift")
    texts = {}
    for key, name in links.reports.items():
        report = by_name[name]
        texts[key] = clean_text(report["text"], patients.known(key, report), policy, -7)
        assert made.links[key] in texts[key]
        assert ("nodule of 3.2 x 4.5 mm" if key[0] == "north" else "Größenkonstanter Rundherd 3,2 mm") in texts[key]
    together = "\n".join(texts.values())
    assert [] == [each for each in made.planted if each in together]
    assert set(NAMES) == {hospital for hospital, _ in texts}

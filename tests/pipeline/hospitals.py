"""Two hospitals with buckets full of images and reports, made from a seed, and the key of what must come out.

``north`` writes CSV in UTF-8 with commas, ``south`` in cp1252 with semicolons. Everything comes in two deliveries: the
second one has images that are late, and a newer version of a file of reports. All names of objects, headers, private
elements, burned-in lines and texts name patients who never were; what must not be public is in ``planted``.
"""

import gzip
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from tests.pipeline.cases import KINDS, Case, Maker
from tests.pipeline.csv_files import COLUMNS, FORMATS, PLACES, Files
from tests.pipeline.instances import PHYSICIAN, Study, directory, instance
from tests.pipeline.people import EXAMINED, Patient, days, patients

NAMES = ("north", "south")
DELIVERED = ("2021-03-08T06:00:00Z", "2021-03-09T06:00:00Z")
MOST_PLAIN = 0.75
"""Part of the cases that are plain, once there is one of each kind."""
__all__ = ["COLUMNS", "DELIVERED", "FORMATS", "NAMES", "Hospitals", "hospitals"]


@dataclass(slots=True)
class Hospitals:
    """What is in the buckets, and the key."""

    deliveries: tuple[dict[tuple[str, str], bytes], dict[tuple[str, str], bytes]] = field(
        default_factory=lambda: ({}, {})
    )
    """By hospital and key, the objects that are new or replaced."""
    images: dict[tuple[str, str], str] = field(default_factory=dict)
    """By hospital and key, the SOP Instance UID of each sound image."""
    burned: dict[tuple[str, str], str] = field(default_factory=dict)
    """Likewise the line that is burned into it."""
    studies: dict[tuple[str, str], Study] = field(default_factory=dict)
    """By hospital and UID."""
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    """By hospital and Study Instance UID, the marker of its report: after both deliveries."""
    late: set[tuple[str, str]] = field(default_factory=set)
    """The studies that come with the second delivery only."""
    unlinked: dict[str, str] = field(default_factory=dict)
    """By marker, the name of the reason why a report is not linked."""
    repeated: set[str] = field(default_factory=set)
    """Markers of reports that two files have."""
    dead_images: set[tuple[str, str]] = field(default_factory=set)
    """Objects with the name of an image that are none."""
    dead_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many dead letters a file of reports gives."""
    unread: set[str] = field(default_factory=set)
    """Markers of rows that cannot be read."""
    planted: set[str] = field(default_factory=set)
    """Whatever names a patient, a physician or a study: none of it may be on the public side."""

    def objects(self, deliveries: int = 2) -> Mapping[tuple[str, str], bytes]:
        """Return all objects after so many deliveries."""
        return {key: octets for each in self.deliveries[:deliveries] for key, octets in each.items()}

    def write(self, folder: Path, delivery: int) -> None:
        """Write a delivery (0 or 1) into folders with the names of the hospitals, which are buckets."""
        moment = datetime.fromisoformat(DELIVERED[delivery]).timestamp()
        for (hospital, key), octets in self.deliveries[delivery].items():
            path = folder / hospital / key
            (path if key.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not key.endswith("/"):
                path.write_bytes(octets)
                os.utime(path, (moment, moment))


def hospitals(seed: int = 25, *, instances: int = 2000, reports: int = 600, burned: float = 0.05) -> Hospitals:
    """Make both hospitals: so many sound images and rows of reports in all, *burned* of the images with text in them.

    With few images, not every kind of case is there: those that come first in KINDS are.
    """
    made = Hospitals()
    for number, name in enumerate(NAMES):
        chance = Random(f"{seed} {name}")
        people = _planting(made, patients(chance, "NH"[number] * 2, 4 * reports + 64, has_accents=name == "south"))
        cases = list(_cases(Maker(name, people, chance), chance, instances // 2, reports // 2))
        _add_images(made, cases, chance, instances // 2, burned)
        files = Files(name, chance)
        for case in cases:
            files.add(case)
            _add_key(made, name, case)
        for delivery, found in enumerate(files.written(next(people), next(people))):
            made.deliveries[delivery].update(found)
        made.dead_rows |= files.dead
        made.unread |= files.unread
    return made


def _planting(made: Hospitals, people: Iterator[Patient]) -> Iterator[Patient]:
    """Yield the patients; all of them that are taken are planted."""
    made.planted.add(PHYSICIAN)
    for number in range(8):
        made.planted.update(days(EXAMINED.replace(day=1 + number)))
    for each in people:
        made.planted.update(each.planted)
        yield each


def _cases(maker: Maker, chance: Random, images: int, rows: int) -> Iterator[Case]:
    """Yield one case of each kind, and then more, while there are images for their studies and rows left."""
    plan = [*KINDS]
    while images > 0 and rows > 0:
        kind = plan.pop(0) if plan else "plain" if chance.random() < MOST_PLAIN else chance.choice([*KINDS])
        case = maker.case(kind)
        images -= sum(1 + case.has_two_patients for _ in case.studies)
        rows -= len(case.rows) + len(case.elsewhere) + len(case.newer)
        if images >= 0 and rows >= 0:
            yield case


def _add_images(made: Hospitals, cases: list[Case], chance: Random, count: int, burned: float) -> None:
    """Add at least one image of each study, of a study of two patients two, and then more of any."""
    studies = [(case, study) for case in cases for study in case.studies]
    least = [each for each in studies for _ in range(1 + each[0].has_two_patients)]
    chosen = least + [chance.choice(studies) for _ in range(count - len(least))]
    numbers: dict[str, int] = {}
    for case, study in chosen:
        number = numbers[study.uid] = numbers.get(study.uid, 0) + 1
        delivery = made.deliveries[1 if case.is_late else 0]
        who = study.patient
        line = chance.choice((f"{who.family} {who.given}", f"ID {who.number}", f"{who.birth:%d.%m.%Y} {who.family}"))
        line = line if chance.random() < burned else ""
        other = "OTHER" + who.number if case.has_two_patients and number == 2 else ""
        series = 1 + number // 8
        octets = instance(study, series, number, chance, line, other)
        key = study.hospital, _key(study, number)
        made.images[key] = f"{study.uid}.{series}.{number}"
        made.planted.update((study.uid, study.accession))
        if line:
            made.burned[key] = line
        delivery[key] = gzip.compress(octets, 1, mtime=0) if number % 11 == 5 else octets
    _add_what_is_none(made, cases[0].studies[0], chance)


def _key(study: Study, number: int) -> str:
    who = study.patient
    if study.hospital == "north":
        return f"dicom/{who.family}_{who.given}/{study.uid}/IM{number:04}.dcm"
    return f"{who.number}/{who.family}/{study.uid}-{number}.dcm"


def _add_what_is_none(made: Hospitals, study: Study, chance: Random) -> None:
    """Add what lies among images, and is none."""
    whole = instance(study, 1, 1, chance)
    dead = {
        "DICOMDIR.dcm": directory(study.patient),
        "cut.dcm": whole[:700],
        "noise.dcm": chance.randbytes(999),
        "none.dcm": b"",
    }
    folder = "dicom/" if study.hospital == "north" else ""
    for name, octets in dead.items():
        made.deliveries[0][study.hospital, folder + name] = octets
        made.dead_images.add((study.hospital, folder + name))
    for name in ("empty folder/", f"{study.patient.family}/"):
        made.deliveries[0][study.hospital, folder + name] = b""
    made.deliveries[0][study.hospital, folder + "DICOMDIR"] = directory(study.patient)


def _add_key(made: Hospitals, hospital: str, case: Case) -> None:
    for study in case.studies:
        made.studies[hospital, study.uid] = study
        if case.is_late:
            made.late.add((hospital, study.uid))
    if case.linked:
        made.links[hospital, case.studies[0].uid] = case.linked
    made.unlinked |= case.why
    made.repeated |= {row.marker for row in case.elsewhere}
    made.planted.update(row.accession for row in (*case.rows, *case.newer) if row.accession)


def settings_of(hospital: str) -> dict[str, Any]:
    """Return what the configuration says of a hospital, with buckets of its name."""
    return {
        "images": f"{hospital}:{PLACES[hospital][0]}",
        "reports": f"{hospital}:{PLACES[hospital][1]}",
        "columns": COLUMNS[hospital],
        **FORMATS[hospital],
    }

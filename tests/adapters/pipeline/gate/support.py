"""Candidates for the tests of the gate: patients with rows and pictures."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adapters.pipeline.gate.candidates import Candidate, Rules
from adapters.pipeline.gate.identifiers import Identifiers
from adapters.pipeline.thumbnails.picture import webp
from tests.adapters.pipeline.thumbnails.made import values

COLUMNS = frozenset(
    {"Modality", "PatientSex", "PatientAge", "StudyDescription", "SOPInstanceUID", "report", "thumbnail"}
)
RULES = Rules(COLUMNS, k=3)
NAMES = ("Musterfrau^Erika", "Okafor^Chidi", "Lindqvist^Ingrid", "Dubois^Amelie", "Haddad^Samira", "Novak^Petr")


def picture(seed: int = 0) -> bytes:
    """Return a WebP file without text."""
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[0:96, 0:96]
    levels = 120 + 60 * np.sin(x / (9 + seed)) + 40 * np.cos(y / 11) + chance.normal(0, 3, (96, 96))
    return webp(np.clip(levels, 0, 255).astype(np.uint8), values())


def key_of(octets: bytes) -> str:
    """Return the key of a picture, as the pipeline makes it."""
    digest = hashlib.sha256(octets).hexdigest()
    return f"{digest[:2]}/{digest}.webp"


def identified(count: int = 6) -> Mapping[str, Identifiers]:
    """Return what is known of so many patients."""
    return {
        f"north/P{each}": Identifiers(
            names=frozenset({NAMES[each % len(NAMES)]}),
            numbers=frozenset({f"7423{each:04}"}),
            dates=frozenset({f"1954-03-{each + 1:02}"}),
            uids=frozenset({f"1.2.840.99.7.{each}"}),
        )
        for each in range(count)
    }


def candidate(patient: int, *, pictures: Mapping[str, bytes] | None = None, **more: Any) -> Candidate:
    """Return a candidate of a patient with a picture."""
    found = {key_of(octets): octets for octets in [picture(patient)]} if pictures is None else pictures
    row = {
        "Modality": "CT",
        "PatientSex": "F",
        "PatientAge": "050Y",
        "StudyDescription": "Thorax",
        "SOPInstanceUID": f"2.25.99{patient}8877665544",
        "report": "No change since the last examination.",
        "thumbnail": next(iter(found), None),
        **more,
    }
    return Candidate(f"north/2.25.{patient}", f"north/P{patient}", row, found)


def candidates(count: int = 6) -> list[Candidate]:
    """Return one candidate for each of so many patients."""
    return [candidate(each) for each in range(count)]


def references(found: Sequence[Any]) -> list[str]:
    """Return the references, in order."""
    return [each.reference for each in found]


def no_text(_: bytes) -> str:
    """Take the place of the second look where it is not what is tested."""
    return ""

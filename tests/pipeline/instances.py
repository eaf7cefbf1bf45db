"""DICOM instances for the pipeline's tests: small, written octet by octet, with the patient at many places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from random import Random
from struct import pack

from tests.pipeline.people import Patient

CT, US, SECONDARY = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.7"
DIRECTORY = "1.2.840.10008.1.3.10"
EXPLICIT = "1.2.840.10008.1.2.1"
LONG = {b"OB", b"OW", b"SQ", b"UN", b"UT"}
SIDE = 32
"""Rows and columns of an image without text."""
WIDE, HIGH = 360, 96
"""Columns and rows of an image with text."""
PHYSICIAN = "Wolkenstruth"


@dataclass(frozen=True, slots=True)
class Study:
    """What all instances of a study have in common."""

    hospital: str
    patient: Patient
    uid: str
    accession: str
    day: date
    charset: str
    codec: str


def element(tag: int, vr: str, value: bytes) -> bytes:
    """Return an element in Explicit VR Little Endian (PS3.5 7.1.2)."""
    form = vr.encode()
    value += (b"\0" if form in {b"UI", b"OB", b"UN"} else b" ") * (len(value) % 2)
    length = b"\0\0" + pack("<L", len(value)) if form in LONG else pack("<H", len(value))
    return pack("<HH", tag >> 16, tag & 0xFFFF) + form + length + value


def part10(sop_class: str, uid: str, data_set: bytes) -> bytes:
    """Return a file (PS3.10 7.1)."""
    meta = b"".join(
        (
            element(0x00020001, "OB", b"\0\1"),
            element(0x00020002, "UI", sop_class.encode()),
            element(0x00020003, "UI", uid.encode()),
            element(0x00020010, "UI", EXPLICIT.encode()),
        )
    )
    return bytes(128) + b"DICM" + element(0x00020000, "UL", pack("<L", len(meta))) + meta + data_set


def _sequence(tag: int, item: bytes) -> bytes:
    return element(tag, "SQ", pack("<HHL", 0xFFFE, 0xE000, len(item)) + item)


def instance(study: Study, series: int, number: int, chance: Random, line: str = "", patient: str = "") -> bytes:
    """Return one image. *line* is burned into it; *patient* is another Patient ID than that of the study."""
    who, day = study.patient, f"{study.day:%Y%m%d}"
    name = f"{who.family}^{who.given}"
    sop_class = SECONDARY if line else US if series % 5 == 4 else CT
    uid = f"{study.uid}.{series}.{number}"
    modality = {CT: "CT", US: "US", SECONDARY: "OT"}[sop_class]
    pixels, columns, rows = _burned(line, chance) if line else (chance.randbytes(SIDE * SIDE), SIDE, SIDE)
    texts: Iterable[tuple[int, str, str]] = (
        (0x00080005, "CS", study.charset),
        (0x00080008, "CS", "DERIVED\\SECONDARY" if line else "ORIGINAL\\PRIMARY\\AXIAL"),
        (0x00080016, "UI", sop_class),
        (0x00080018, "UI", uid),
        (0x00080020, "DA", day),
        (0x00080022, "DA", day),
        (0x00080030, "TM", "101500"),
        (0x00080050, "SH", study.accession),
        (0x00080060, "CS", modality),
        (0x00080070, "LO", "ACME"),
        (0x00080080, "LO", f"Klinik {PHYSICIAN}"),
        (0x00080090, "PN", f"{PHYSICIAN}^Dr"),
        (0x00081030, "LO", "Thorax"),
        (0x0008103E, "LO", f"Series {series}" if number % 3 else f"Localizer {who.family}"),
        (0x00091001, "LO", f"{who.family} {who.number}"),
        (0x00100010, "PN", name),
        (0x00100020, "LO", patient or who.number),
        (0x00100030, "DA", f"{who.birth:%Y%m%d}"),
        (0x00100040, "CS", "F" if series % 2 else "M"),
        (0x00101010, "AS", f"0{study.day.year - who.birth.year}Y"),
        (0x00101040, "LO", who.address),
        (0x00102154, "SH", who.telephone),
        (0x00104000, "LT", f"Call {who.given} at {who.telephone}"),
        (0x00180015, "CS", "CHEST"),
        (0x0020000D, "UI", study.uid),
        (0x0020000E, "UI", f"{study.uid}.{series}"),
        (0x00200010, "SH", study.accession[-6:]),
        (0x00200011, "IS", str(series)),
        (0x00200013, "IS", str(number)),
    )
    made = {tag: element(tag, vr, text.encode(study.codec)) for tag, vr, text in texts}
    made[0x00090010] = element(0x00090010, "LO", b"HOSPITAL TEST")
    made[0x00400275] = _sequence(0x00400275, element(0x00401001, "SH", f"RP{who.number}".encode()))
    for tag, value in ((0x00280002, 1), (0x00280010, rows), (0x00280011, columns), (0x00280100, 8), (0x00280101, 8),
                       (0x00280102, 7), (0x00280103, 0)):  # fmt: skip
        made[tag] = element(tag, "US", pack("<H", value))
    made[0x00280004] = element(0x00280004, "CS", b"MONOCHROME2")
    made[0x7FE00010] = element(0x7FE00010, "OB", pixels)
    return part10(sop_class, uid, b"".join(made[tag] for tag in sorted(made)))


def directory(patient: Patient) -> bytes:
    """Return a DICOMDIR, which is no instance of anybody's study but names the patient (PS3.3 F)."""
    record = element(0x00041430, "CS", b"PATIENT") + element(0x00100010, "PN", patient.family.encode("latin-1"))
    body = element(0x00080016, "UI", DIRECTORY.encode()) + element(0x00080018, "UI", b"1.2.276.0.7230010.9")
    return part10(DIRECTORY, "1.2.276.0.7230010.9", _sequence(0x00041220, record) + body)


def _burned(line: str, chance: Random) -> tuple[bytes, int, int]:
    """Return the pixels of an image in which *line* can be read, its columns and rows."""
    import numpy as np  # noqa: PLC0415  of the extra `ocr`

    from tests.adapters.deidentify.dicom.pixels.planted import drawn  # noqa: PLC0415  likewise

    for size in (26, 22, 18, 14):
        _, ink = drawn(line, size, chance)
        if ink.shape[0] + 16 < HIGH and ink.shape[1] + 16 < WIDE:
            break
    frame = np.frombuffer(chance.randbytes(HIGH * WIDE), np.uint8).reshape(HIGH, WIDE) // 16 + 8
    top, left = chance.randrange(8, HIGH - ink.shape[0] - 7), chance.randrange(8, WIDE - ink.shape[1] - 7)
    part = frame[top : top + ink.shape[0], left : left + ink.shape[1]]
    part[...] = np.maximum(part, (ink * 230).astype(np.uint8))
    return frame.tobytes(), WIDE, HIGH

"""What is sent: HL7 messages of a given size, instances of 512 by 512 pixels, one large multi-frame."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydicom.uid import generate_uid

from adapters.rest.ingest import ingest_body
from tests.bench.closed_loop import PLACEHOLDER
from tests.dicom_files import make_instance, make_multi_frame, sop_instance_uid


def hl7_message(folder: Path, size: int) -> Path:
    """Write an ORU^R01 about nobody of *size* octets, with a place for its control ID; return its file."""
    head = (
        rb"MSH|^~\&|TEST|WARD|HILUM|CLOUD|20260102030405||ORU^R01^ORU_R01|%b|P|2.5.1" % PLACEHOLDER
        + b"\rPID|1||0000001^^^TEST^MR||TEST^NOBODY\rPV1|1|I\rOBR|1|||TEXT^Report^L\r"
    )
    text = bytearray()
    while (room := size - len(head) - len(text)) > 0:
        segment = b"OBX|%d|TX|TEXT^Report^L||%b||||||F\r" % (len(text), b"lorem ipsum dolor sit amet " * 3)
        text += segment if room >= 2 * len(segment) else b"NTE|1||%b\r" % (b"x" * (room - len(b"NTE|1||\r")))
    path = folder / f"{size}.hl7"
    path.write_bytes(head + text)
    return path


def fhir_resource(folder: Path, size: int) -> Path:
    """Write a Patient about nobody of *size* octets, with a place for its number; return its file."""
    identifier = {"system": "urn:oid:1.2.3", "value": PLACEHOLDER.decode()}
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "identifier": [identifier],
        "active": True,
        "address": [{"text": ""}],
    }
    patient["address"] = [{"text": "x" * (size - len(json.dumps(patient)))}]
    path = folder / f"{size}.fhir.json"
    path.write_text(json.dumps(patient))
    return path


def ingest_request(message: Path) -> Path:
    """Write the body that ingests *message* into a store of the Cloud Healthcare API; return its file."""
    path = message.with_suffix(".json")
    path.write_bytes(ingest_body(message.read_bytes()))
    return path


def series(folder: Path, count: int) -> list[Path]:
    """Write *count* instances of 512 by 512 by 16 bit, each with a UID that was never used before."""
    folder.mkdir(parents=True, exist_ok=True)
    template = make_instance(folder, 0, generate_uid(), generate_uid(), rows=512, columns=512)
    content = template.read_bytes()
    template.unlink()
    uid = sop_instance_uid(content).encode()
    return [
        _write(folder / f"{number:04}.dcm", content.replace(uid, uid[:-6] + b"%d" % (100_000 + number)))
        for number in range(count)
    ]


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def multi_frame(folder: Path, size: int) -> Path:
    """Write one instance with *size* octets of pixel data."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"multi-frame-{size >> 20}.dcm"
    make_multi_frame(path, size)
    return path


def octets(paths: Sequence[Path]) -> int:
    """Return the octets of all files together."""
    return sum(path.stat().st_size for path in paths)

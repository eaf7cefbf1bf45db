"""The messages in an object, by its first octets; the whole way is in test_command.py."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import pytest

from gateway.cli.importing.menu import STRUCTURES
from gateway.cli.importing.parts import Part, Reader, Structure, size_of
from tests.gateway.cli.importing.support import exported, gz, hl7, patient, zipped
from tests.gateway.cli.importing.test_sources import Cut


async def parts(folder: Path, data: bytes, key: str = "x", structure: Structure | None = None) -> list[Part]:
    """Return the parts of an object."""
    with ExitStack() as kept:
        return [part async for part in Reader(folder, structure).parts(Cut(data, 100), key, kept)]


def lines(*values: object) -> bytes:
    """Return lines of JSON."""
    return b"\n".join(json.dumps(each).encode() for each in values)


def collected(kind: str = "collection") -> dict[str, object]:
    """Return a bundle of two resources."""
    entries = [{"resource": patient(x), "request": {"method": "PUT", "url": f"Patient/{x}"}} for x in "ab"]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


@pytest.mark.parametrize(
    ("data", "key", "structure", "found"),
    [
        (hl7("1"), "x", None, [("", "hl7v2")]),
        (b"\x0b" + hl7("1") + b"\x1c\r\x0b" + hl7("2") + b"\x1c\r", "x", None, [("#1", "hl7v2"), ("#2", "hl7v2")]),
        (exported(hl7("1")) + b"\n\n" + exported(hl7("2")), "x", None, [("1", "hl7v2"), ("3", "hl7v2")]),
        (lines(patient("a"), patient("b")), "x.json", None, [("1", "fhir"), ("2", "fhir")]),
        (json.dumps(patient("a"), indent=1).encode(), "x.json", None, [("", "fhir")]),
        (lines(collected()), "x", None, [("1#1", "fhir"), ("1#2", "fhir")]),
        (lines(collected("transaction")), "x", None, [("1", "fhir")]),
        (lines(collected()), "x", "RESOURCE", [("1", "fhir")]),
        (json.dumps(collected(), indent=1).encode(), "x", "BUNDLE_PRETTY", [("#1", "fhir"), ("#2", "fhir")]),
        (gz(gz(hl7("1"))), "x", None, [("", "hl7v2")]),
        (zipped({"a": hl7("1"), "b/c": gz(hl7("2"))}), "x", None, [("a", "hl7v2"), ("b/c", "hl7v2")]),
        (gz(zipped({"a.zip": zipped({"b": hl7("1")})})), "x", None, [("a.zip!b", "hl7v2")]),
    ],
)
async def test_found(
    tmp_path: Path, data: bytes, key: str, structure: Structure | None, found: list[tuple[str, str]]
) -> None:
    """Each message has its place and its format."""
    assert [(each.name, each.format) for each in await parts(tmp_path, data, key, structure)] == found
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("data", "key", "reason"),
    [
        (b"", "x", "it is empty"),
        (b" \r\n", "x", "it is empty"),
        (b"hello", "x", "it is no DICOM, no HL7v2 and no FHIR in JSON"),
        (b"{", "x", "FHIR: the body is not JSON"),
        (b'{"a": 1}', "x", "FHIR: it is no resource: it is not a JSON object with a resourceType"),
        (b"PK\x03\x04 damaged", "x", "the zip file is damaged"),
        (gz(gz(gz(gz(b"x")))), "x", "it is packed more than 3 times"),
        (
            bytes(128) + b"DICM\x02\x00",
            "x",
            "DICOM: the File Meta Information is incomplete, or longer than 65,536 octets",
        ),
        (lines({"resourceType": "Bundle", "type": "collection"}), "x", "the bundle has no resource"),
        (
            lines({"resourceType": "Bundle", "type": "collection", "entry": 3}),
            "x",
            "FHIR: the entries of the bundle are no list of resources",
        ),
    ],
)
async def test_none(tmp_path: Path, data: bytes, key: str, reason: str) -> None:
    """What is no message is told with a reason that has nothing of it."""
    (part,) = await parts(tmp_path, data, key)
    assert (part.message, part.reason) == (None, reason)


async def test_size(tmp_path: Path) -> None:
    """The size of a message, as far as it is known."""
    (part,) = await parts(tmp_path, hl7("1"))
    assert part.message is not None
    assert size_of(part.message) == len(hl7("1"))


def test_structures() -> None:
    """The command line offers each of Google's content structures."""
    assert get_args(Structure) == STRUCTURES

"""How what a store holds is written: the keys of objects, and what stands in them, as Google's exports have them.

DICOM: an object for each instance, ``STUDY/SERIES/INSTANCE.dcm``. HL7v2: lines ``{"data": base64, "labels": {}}``. FHIR
by the four content structures: ``RESOURCE`` and ``BUNDLE`` are lines, ``*_PRETTY`` an object for each resource or
bundle. A bundle is a collection. Numbers keep their digits.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from gateway.contract.kind import Format

Structure = Literal["BUNDLE", "RESOURCE", "BUNDLE_PRETTY", "RESOURCE_PRETTY"]
IN_BUNDLE = 100
"""Most resources in one bundle."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is written of a store."""

    form: Format
    structure: Structure = "RESOURCE"

    @property
    def is_in_lines(self) -> bool:
        """Whether several items share an object, each on a line of its own."""
        return self.form == "hl7v2" or (self.form == "fhir" and not self.structure.endswith("_PRETTY"))

    @property
    def most_together(self) -> int:
        """Most items in one line, or in one object that is no lines."""
        return IN_BUNDLE if self.form == "fhir" and self.structure.startswith("BUNDLE") else 1

    def key(self, name: str) -> str:
        """Return the key of an item that is an object of its own."""
        parts = name.split("/")
        if self.form == "dicom":  # studies/S/series/E/instances/I
            return f"{parts[1]}/{parts[3]}/{parts[5]}.dcm"
        return f"{parts[0]}/{parts[1]}.json"  # Patient/1/_history/7

    def group(self, name: str) -> str:
        """Return what the objects are called that have an item together with others."""
        return name.split("/", maxsplit=1)[0]

    def shard(self, group: str, number: int) -> str:
        """Return the key of an object with several items."""
        return f"{group}-{number:06}.{'ndjson' if self.is_in_lines else 'json'}"

    def item(self, octets: bytes, labels: Mapping[str, str]) -> bytes:
        """Return an item as ``written`` takes it: a message with its labels."""
        if self.form != "hl7v2":
            return octets
        told = {"labels": dict(labels)} if labels else {}
        return json.dumps({"data": b64encode(octets).decode(), **told}).encode()

    def written(self, items: Sequence[bytes]) -> bytes:
        """Return *items*, up to ``most_together``, as they stand in the object; a line has its end."""
        if self.form == "dicom":
            return items[0]
        if self.form == "hl7v2":
            return items[0] + b"\n"
        text = _bundle(items) if self.most_together > 1 else items[0]
        return msgspec.json.format(text, indent=-1 if self.is_in_lines else 2) + b"\n"


def _bundle(items: Sequence[bytes]) -> bytes:
    entries = b",".join(b'{"resource":' + each + b"}" for each in items)
    return b'{"resourceType":"Bundle","type":"collection","entry":[' + entries + b"]}"

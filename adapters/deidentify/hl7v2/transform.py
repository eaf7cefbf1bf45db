"""De-identifies one HL7v2 message."""

import re
from collections.abc import Iterator, Set

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.actions import TEXT_TYPES, Actions, leaves
from adapters.deidentify.hl7v2.document import Document, Field, Leaf, Segment, read
from adapters.deidentify.hl7v2.identity import own_identifiers, patient_of
from adapters.deidentify.hl7v2.table import fields
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import Hl7v2Profile
from adapters.deidentify.text.known import cleaned

TEXTS = frozenset({"NTE"})
"""Segments that hold nothing but text: they stay only where text is kept."""
STRUCTURAL = {("MSH", 2), ("MSH", 9), ("MSH", 11), ("MSH", 12), ("MSH", 15), ("MSH", 16), ("MSH", 18), ("OBX", 2)}
"""Fields that say how the message is read: their values are HL7's, and are not searched."""


class Hl7v2Transformer:
    """De-identifies messages by one profile. The same message always gives the same result."""

    def __init__(self, profile: Hl7v2Profile, pseudonyms: Pseudonyms, domains: Domains) -> None:
        self._profile, self._pseudonyms, self._domains = profile, pseudonyms, domains

    def transform(self, data: bytes, charset: str | None = None) -> tuple[bytes, Manifest]:
        """Return the message without what names its patient, and what was done; raises HeldBackError."""
        manifest = Manifest(f"HL7v2 {self._profile.profile}", self._pseudonyms.fingerprint)
        document = read(data, charset)
        own = own_identifiers(document)
        self._apply(document, manifest)
        free = list(_free_fields(document)) if self._profile.text == "known_identifiers" else []
        _remove_own(document, own, manifest, {id(field) for field in free})
        return document.encoded(), manifest

    def _apply(self, document: Document, manifest: Manifest) -> None:
        """Do to each field what its row says; remove segments and fields without a row."""
        actions = Actions(
            document, self._profile, self._pseudonyms, self._domains, manifest, _year(document.segments[0])
        )
        actions.belongs_to(self._first_patient(document))
        kept: list[Segment] = []
        for segment in document.segments:
            table = fields().get(segment.name)
            if segment.name in self._profile.keep_segments:
                kept.append(segment)
                continue
            if table is None or (segment.name in TEXTS and self._profile.text == "remove"):
                manifest.note("segment", "removed")
                continue
            if segment.name == "PID":
                actions.belongs_to(patient_of(document, segment.field(3), self._domains))
            for number, field in segment.numbered():
                action = table.get(number)
                if (segment.name, number) in STRUCTURAL:
                    continue
                if action is None:
                    actions.empty(field)
                elif action == "value":
                    actions.value(field, _kind(document, segment))
                else:
                    actions.do(action, field)
            kept.append(segment)
        document.segments[:] = kept

    def _first_patient(self, document: Document) -> Patient:
        """Return the patient of the first PID: dates before it (MSH-7, EVN) are moved like that patient's."""
        for segment in document.segments:
            if segment.name == "PID":
                return patient_of(document, segment.field(3), self._domains)
        raise HeldBackError("it has no PID segment, so that its dates and numbers belong to nobody")


def _year(header: Segment) -> int | None:
    """Return the year of MSH-7, by which an age is judged; None if it has none."""
    field = header.field(7)
    text = field[0][0][0].raw.strip() if field else ""
    return int(text[:4]) if re.match(r"\d{4}", text, re.ASCII) else None


def _kind(document: Document, segment: Segment) -> str:
    field = segment.field(2)
    return document.text(field[0][0][0]).strip() if field else ""


def _free_fields(document: Document) -> Iterator[Field]:
    """Yield the fields that hold free text, of which a part may stay."""
    for segment in document.segments:
        numbers = {"NTE": (3,), "OBX": (5, 7) if _kind(document, segment) in TEXT_TYPES else (7,)}
        for number in numbers.get(segment.name, ()):
            field = segment.field(number)
            if field is not None:
                yield field


def _remove_own(document: Document, own: OwnIdentifiers, manifest: Manifest, free: Set[int]) -> None:
    """Empty every part that is kept and contains an identifier of the message; then fields that do as a whole.

    *free* are the ids of fields of free text: of them only the words go that make the identifier.
    """
    searched = list(_searched(document))
    found = [(field, leaf) for field, leaf in searched if leaf.raw]

    def holds(raw: str) -> bool:
        return own.is_in(document.text(Leaf(raw)))

    for position in own.found_in([document.text(leaf) for _, leaf in found]):
        field, leaf = found[position]
        leaf.raw = cleaned(leaf.raw, holds) if id(field) in free else ""
        manifest.note("own identifier", "cleaned" if leaf.raw else "removed")
    whole = [field for field, _ in searched]
    distinct = list({id(field): field for field in whole}.values())
    texts = [" ".join(document.text(leaf) for leaf in leaves(field) if not leaf.is_own) for field in distinct]
    for position in own.found_in(texts):
        distinct[position][:] = [[[Leaf("")]]]
        manifest.note("own identifier", "removed")


def _searched(document: Document) -> Iterator[tuple[Field, Leaf]]:
    for segment in document.segments:
        for number, field in segment.numbered():
            if (segment.name, number) not in STRUCTURAL:
                for leaf in leaves(field):
                    if not leaf.is_own:
                        yield field, leaf

"""De-identifies one HL7v2 message."""

import re
from collections.abc import Iterator, Mapping

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.actions import Actions
from adapters.deidentify.hl7v2.ages import is_age
from adapters.deidentify.hl7v2.document import Document, Field, Leaf, Segment, leaves, read
from adapters.deidentify.hl7v2.identity import own_identifiers, patient_of
from adapters.deidentify.hl7v2.observations import value
from adapters.deidentify.hl7v2.structure import STRUCTURAL, keep_structure
from adapters.deidentify.hl7v2.table import fields
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.own.cleaning import cleaned
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.pseudonyms.service import Pseudonyms
from adapters.deidentify.settings import Hl7v2Profile

TEXTS = frozenset({"NTE"})
"""Segments that hold nothing but text: they stay only where text is kept."""


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
        _remove_own(document, own, manifest)
        return document.encoded(), manifest

    def _apply(self, document: Document, manifest: Manifest) -> None:
        """Do to each field what its row says; remove segments and fields without a row."""
        actions = Actions(
            document, self._profile, self._pseudonyms, self._domains, manifest, _year(document.segments[0])
        )
        actions.dates.belongs_to(self._first_patient(document))
        kept: list[Segment] = []
        for segment in document.segments:
            table = fields().get(segment.name)
            if segment.name in self._profile.keep_segments:
                for number in segment.given():
                    if (segment.name, number) in STRUCTURAL:
                        keep_structure(segment, number, segment.keep(number))
                    else:
                        actions.dates.dates_in(segment.keep(number))
                kept.append(segment)
                continue
            if table is None or (segment.name in TEXTS and self._profile.text == "remove"):
                manifest.note("segment", "removed")
                continue
            if segment.name == "PID":
                actions.dates.belongs_to(patient_of(document, segment.field(3), self._domains))
            _do(actions, table, document, segment, manifest)
            kept.append(segment)
        document.segments[:] = kept

    def _first_patient(self, document: Document) -> Patient:
        """Return the patient of the first PID: dates before it (MSH-7, EVN) are moved like that patient's."""
        for segment in document.segments:
            if segment.name == "PID":
                return patient_of(document, segment.field(3), self._domains)
        raise HeldBackError("it has no PID segment, so that its dates and numbers belong to nobody")


def _do(actions: Actions, table: Mapping[int, str], document: Document, segment: Segment, manifest: Manifest) -> None:
    """Do to each field of a segment what its row says; a field without a row is not kept."""
    is_of_age = segment.name == "OBX" and _is_age(document, segment)  # before the names of codes are removed
    for number in segment.given():
        action = table.get(number)
        if (segment.name, number) in STRUCTURAL:
            keep_structure(segment, number, segment.keep(number))
        elif action is None:
            manifest.note("field", "removed")
        elif action == "value":
            value(actions, segment.keep(number), _kind(document, segment), is_age=is_of_age)
        else:
            actions.do(action, segment.keep(number))


def _year(header: Segment) -> int | None:
    """Return the year of MSH-7, by which an age is judged; None if it has none."""
    field = header.field(7)
    text = field[0][0][0].raw.strip() if field else ""
    return int(text[:4]) if re.match(r"\d{4}", text, re.ASCII) else None


def _kind(document: Document, segment: Segment) -> str:
    field = segment.field(2)
    return document.text(field[0][0][0]).strip() if field else ""


def _is_age(document: Document, segment: Segment) -> bool:
    """Whether OBX-3 names an age, by one of its codes or names."""
    field = segment.field(3)
    return field is not None and any(is_age(document.text(component[0])) for component in field[0][:5])


def _remove_own(document: Document, own: OwnIdentifiers, manifest: Manifest) -> None:
    """Empty every part that is kept and contains an identifier of the message; then fields that do as a whole.

    Of free text only the words that do are removed.
    """
    kept = [field for segment in document.segments for field in _searched(segment)]
    found = [leaf for field in kept for leaf in leaves(field) if leaf.raw and (leaf.searched or not leaf.is_own)]
    escaped = {leaf.raw: document.octets(leaf.raw) for leaf in found if document.mark in leaf.raw}
    elsewhere = own.in_other_charsets(set(escaped.values()))
    for leaf in found:
        if escaped.get(leaf.raw) in elsewhere:
            leaf.clear()
            manifest.note("own identifier", "removed")
    found = [leaf for leaf in found if leaf.raw]
    for position in own.found_in([leaf.searched or document.said(leaf.raw) for leaf in found]):
        leaf = found[position]
        if leaf.is_text:
            leaf.raw = cleaned(own, leaf.raw, document.said)
        else:
            leaf.clear()
        manifest.note("own identifier", "cleaned" if leaf.raw else "removed")
    several = [(field, texts) for field in kept if len(texts := _texts(document, field)) > 1]
    for position in own.found_in([" ".join(texts) for _, texts in several]):
        several[position][0][:] = [[[Leaf("")]]]
        manifest.note("own identifier", "removed")


def _searched(segment: Segment) -> Iterator[Field]:
    return (field for number, field in segment.kept() if (segment.name, number) not in STRUCTURAL)


def _texts(document: Document, field: Field) -> list[str]:
    return [document.said(leaf.raw) for leaf in leaves(field) if leaf.raw and not leaf.is_own]

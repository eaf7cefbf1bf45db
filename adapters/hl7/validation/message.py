"""Validates one message: octets in, findings out. Imported in validation processes only, because it needs hl7apy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.hl7.charset import decode
from adapters.hl7.er7 import Header, ending, lead
from adapters.hl7.validation import checks
from adapters.hl7.validation.definitions import Library, library
from adapters.hl7.validation.fields import FieldChecker
from adapters.hl7.validation.grammar import Definition
from adapters.hl7.validation.reading import Place, Segment, Separators, read_segments
from gateway.contract.outcome import Finding, Refused

_ANYWHERE = frozenset({"ADD", "DSC"})
"""Addendum and continuation pointer (HL7 2.5, 2.10.2): allowed anywhere, in messages that are sent in parts."""


@dataclass(frozen=True, slots=True)
class Validator:
    """Validates messages with the definitions of a version or a profile."""

    version: str | None = None
    """Overrides the version that the messages name."""
    profile: Mapping[str, Definition] = field(default_factory=dict)
    """Message structures by name, which replace those of the version."""
    wanted: checks.Checks = checks.EVERYTHING

    def findings(self, data: bytes, charset: str | None) -> Iterator[Finding]:
        """Yield the mistakes in the message *data*; *charset*, if not None, overrides ``MSH-18``."""
        header = Header.parse(data, charset)
        if header is None or not header.usable:
            yield Finding("100", "The message does not begin with an MSH that can be read")
            return
        start = lead(data)
        text = decode(data[start:], header.charsets())
        if isinstance(text, Refused):
            yield Finding(text.code or "207", text.reason, Place("MSH", 1, 18, 1).location)
            return
        separators = Separators.of(header.delimiters.field, header.delimiters.encoding)
        yield from self._check(header, separators, read_segments(text, separators, ending(data, start)))

    def _check(self, header: Header, separators: Separators, segments: list[Segment]) -> Iterator[Finding]:
        version = self.version or header.text(12)
        if not version:
            yield checks.missing_field(Place("MSH", 1, 12, 1))
            return
        known = library(version, self.profile)
        if known is None:
            at = Place("MSH", 1, 12, 1, 1)
            yield Finding("203", f"{at} names a version of HL7 that is not known here", at.location)
            return
        yield from self._check_in(known, header, separators, segments)

    def _check_in(
        self, known: Library, header: Header, separators: Separators, segments: list[Segment]
    ) -> Iterator[Finding]:
        definitions: dict[int, Definition] = {}
        structural = list(self._structure(known, header, segments, definitions))
        if self.wanted.structure:
            yield from structural
        fields = FieldChecker(self.wanted, separators, known.datatypes, known.tables)
        for segment in segments:
            definition = definitions.get(segment.ordinal) or known.segments.get(segment.name)
            if definition is not None and not segment.is_local:
                yield from fields.check(segment, definition)

    def _structure(
        self, known: Library, header: Header, segments: list[Segment], definitions: dict[int, Definition]
    ) -> Iterator[Finding]:
        """Yield the mistakes in the order of *segments*; store in *definitions* the definition of each segment."""
        named = [segment for segment in segments if not segment.is_local and segment.name not in _ANYWHERE]
        yield from (checks.unknown_segment(each.ordinal) for each in named if each.name not in known.segments)
        message_type, event, name = (header.text(9, component) for component in (1, 2, 3))
        structure = known.structure(message_type, event, name)
        if structure is None:
            yield from _unknown_kind(known, message_type, event)
            return
        standard = [segment for segment in named if segment.name in known.segments]
        counts: dict[str, int] = {}
        for read in known.grammar(structure).read([segment.name for segment in standard]):
            yield from (checks.missing_segment(name, counts.get(name, 0) + 1) for name in read.missing)
            if read.index is None:
                continue
            segment = standard[read.index]
            counts[segment.name] = segment.occurrence
            if read.definition is None:
                yield checks.unexpected_segment(segment.name, segment.occurrence)
            else:
                definitions[segment.ordinal] = read.definition


def _unknown_kind(known: Library, message_type: str, event: str) -> Iterator[Finding]:
    """Yield the mistake in ``MSH-9`` of a message that *known* does not define; a local type (Z) is no mistake."""
    if not message_type:
        yield checks.missing_field(Place("MSH", 1, 9, 1))
    elif message_type.startswith("Z") or event.startswith("Z"):
        return
    elif not known.has_type(message_type):
        at = Place("MSH", 1, 9, 1, 1)
        yield Finding("200", f"{at} names a type of message that HL7 {known.version} does not have", at.location)
    elif event:
        at = Place("MSH", 1, 9, 1, 2)
        yield Finding("201", f"{at} names an event that HL7 {known.version} does not have", at.location)

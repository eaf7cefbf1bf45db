"""What the functions for datatypes share while one message is converted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from adapters.fhir.bundle import Bundle
from adapters.fhir.reading import NULL, Delimiters, Segment
from adapters.fhir.report import MOST, MOST_OF_A_FIELD, LeftOut, Reason
from adapters.fhir.systems import Systems
from adapters.fhir.tables import Code, Row, codes
from adapters.fhir.times import Time, is_before, offset_at, read_time

LocalRows = Mapping[tuple[str, str], tuple[tuple[str, Row], ...]]
"""Rows of the settings, each with the resource it is for, by sender (or nothing) and segment."""
CodeMaps = Mapping[tuple[str, str, str], Code]
"""Codes of senders with their counterparts, by sender (or nothing), system as sent, and code."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the settings of the step say."""

    zone: tzinfo | None = None
    systems: Systems = field(default_factory=Systems)
    code_maps: CodeMaps = field(default_factory=dict)
    identifier_types: tuple[str, ...] = ("MR", "PI", "PT", "PN")
    account_is_visit: bool = False
    keep_source: bool = False
    local_rows: LocalRows = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Tables of rows that replace those of the same name."""
    codes: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    """Tables of codes that replace those of the same name."""
    functions: "Mapping[str, Function]" = field(default_factory=dict)
    """Functions that replace those of the same datatype."""


@dataclass(slots=True)
class Context:
    """The state of one conversion."""

    delimiters: Delimiters
    options: Options
    sender: tuple[str, str] = ("", "")
    """Application and facility, ``MSH-3`` and ``MSH-4``."""
    message_zone: str = ""
    """The offset of ``MSH-7``."""
    sent: str = ""
    """``MSH-7``, in the form of ``as_of``."""
    control_id: str = ""
    """``MSH-10``, or where that is empty a digest of the message: what identifies a message of its sender."""
    event: str = ""
    bundle: Bundle = field(default_factory=Bundle)
    report: list[LeftOut] = field(default_factory=list)
    segment: Segment | None = None
    number: int = 0
    repetition: int = 1
    """The field, and the repetition, that is being read."""
    patient_class: str = ""
    known: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    """Values that were made before, by datatype, argument and the repetition; nothing of them was left out."""
    _reported: tuple[Segment | None, int] = (None, 0)
    _lines: int = 0
    """The field of the last line of the report, and how many lines it has."""

    def at(self, segment: Segment, number: int, repetition: int = 1) -> None:
        """Say which field is being read."""
        self.segment, self.number, self.repetition = segment, number, repetition

    def leave(self, reason: Reason, part: str = "") -> None:
        """Report that a value, or a part of it, is left out or changed; not every one of a field that has very many."""
        if self.segment is not self._reported[0] or self.number != self._reported[1]:
            self._reported, self._lines = (self.segment, self.number), 0
        self._lines += 1
        if self._lines > MOST_OF_A_FIELD or len(self.report) >= MOST:
            return
        place = self.segment.place(self.number) if self.segment is not None else "MSH"
        place += f"[{self.repetition}]" if self.repetition > 1 else ""
        self.report.append(LeftOut(f"{place}.{part}" if part else place, reason))

    def space(self, system: str, name: str, owner: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return what a number is unique in, as the beginning of a key; *owner* is the key of the patient.

        That is the world if its authority has a URI. Another name of an authority (``MRN``, ``LAB``) means something in
        the facility that sends it. Without an authority the number may be one that is counted for each patient.
        """
        if system:
            return (system,)
        return (self.sender[1], name) if name else (*owner, *self.sender, "")

    def codes(self, table: str) -> Mapping[str, Code]:
        """Return the table of codes with this name."""
        return self.options.codes.get(table) or codes(table)

    def components(self, raw: str) -> list[str]:
        """Split a repetition; a component that is ``""`` is empty, because its element is written anew as a whole."""
        return ["" if each == NULL else each for each in raw.split(self.delimiters.component)]

    def texts(self, raw: str) -> list[str]:
        """Split a repetition and decode each component."""
        delimiters = self.delimiters
        if raw.isprintable() and NULL not in raw and (not delimiters.escape or delimiters.escape not in raw):
            parts = raw.split(delimiters.component)
            return [each.strip() for each in parts] if " " in raw else parts
        return [delimiters.text(each) if each else "" for each in raw.split(delimiters.component)]

    def only(self, parts: list[str], carried: frozenset[int]) -> None:
        """Report the components with a value that are not *carried*."""
        for number, part in enumerate(parts, 1):
            if part and part != NULL and number not in carried:
                self.leave(Reason.NO_ELEMENT, str(number))

    def time(self, raw: str, part: str = "") -> Time | None:
        """Read a time; None and a line of the report if it has another form."""
        value = self.delimiters.text(raw.split(self.delimiters.component, 1)[0])
        found = read_time(value) if value else None
        if value and found is None:
            self.leave(Reason.UNREADABLE, part)
        return found

    def date_time(self, raw: str, part: str = "") -> str | None:
        """Return a FHIR dateTime, as whole as the time was sent."""
        time = self.time(raw, part)
        if time is None:
            return None
        if time.is_cut:
            self.leave(Reason.NOT_WHOLE, part)
        if not time.clock:
            return time.date
        zone = self.zone_of(time)
        if not zone:
            self.leave(Reason.NO_TIME_ZONE, part)
            return time.date
        return f"{time.date}T{time.clock}{zone}"

    def moment(self, raw: str) -> str:
        """Return the same as date_time, and report nothing; empty without a time."""
        time = read_time(self.delimiters.text(raw.split(self.delimiters.component, 1)[0]))
        if time is None:
            return ""
        zone = self.zone_of(time) if time.clock else ""
        return f"{time.date}T{time.clock}{zone}" if zone else time.date

    def as_of(self, raw: str) -> str:
        """Return when something was so, for ``Bundle.as_of``: that time and ``MSH-7``; empty without the time.

        A time without a zone keeps its clock, because the messages of a day need an order. A time in the hour that
        comes twice may be either of two.
        """
        time = read_time(self.delimiters.text(raw.split(self.delimiters.component, 1)[0]))
        if time is None:
            return ""
        found = self._when(time)
        return f"{found} {self.sent}" if self.sent not in {"", found} else found

    def _when(self, time: Time) -> str:
        if not time.clock:
            return time.date
        one = f"{time.date}T{time.clock}{self.zone_of(time)}"
        if time.zone or self.message_zone or self.options.zone is None:
            return one
        other = f"{time.date}T{time.clock}{offset_at(time, self.options.zone, again=True)}"
        return f"{one}/{other}" if is_before(one, other) else one  # else the clocks skip it, or it is there once

    def instant(self, raw: str, part: str = "") -> str | None:
        """Return a FHIR instant; nothing if the time is not whole."""
        time = self.time(raw, part)
        if time is None:
            return None
        zone = self.zone_of(time)
        if not time.has_seconds or not zone:
            self.leave(Reason.NOT_WHOLE, part)
            return None
        return f"{time.date}T{time.clock}{zone}"

    def zone_of(self, time: Time) -> str:
        """Return the offset of a time: its own, that of ``MSH-7``, or that of the configured zone.

        ``message_zone`` is empty where the configured zone explains it: MSH-7 of July says nothing of a January.
        """
        if time.zone or self.message_zone or self.options.zone is None or not time.clock:
            return time.zone or self.message_zone
        return offset_at(time, self.options.zone)


Function = Callable[[str, Context, str], Any]
"""Makes a part of a resource from one repetition; the last argument is the row's."""

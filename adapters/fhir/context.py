"""What the functions for datatypes share while one message is converted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from adapters.fhir.bundle import Bundle
from adapters.fhir.reading import NULL, Delimiters, Segment
from adapters.fhir.report import LeftOut, Reason
from adapters.fhir.systems import Systems
from adapters.fhir.tables import Code, Row, codes
from adapters.fhir.times import Time, offset_at, read_time

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

    def at(self, segment: Segment, number: int, repetition: int = 1) -> None:
        """Say which field is being read."""
        self.segment, self.number, self.repetition = segment, number, repetition

    def leave(self, reason: Reason, part: str = "") -> None:
        """Report that a value, or a part of it, is left out or changed."""
        place = self.segment.place(self.number) if self.segment is not None else "MSH"
        place += f"[{self.repetition}]" if self.repetition > 1 else ""
        self.report.append(LeftOut(f"{place}.{part}" if part else place, reason))

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
        """Return the offset of a time: its own, that of ``MSH-7``, or that of the configured zone."""
        if time.zone or self.message_zone or self.options.zone is None or not time.clock:
            return time.zone or self.message_zone
        return offset_at(time, self.options.zone)


Function = Callable[[str, Context, str], Any]
"""Makes a part of a resource from one repetition; the last argument is the row's."""

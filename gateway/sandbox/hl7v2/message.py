"""Parses the parts of a message that the HL7v2 store needs, and checks whether it is a valid message."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.sandbox.clock import rfc3339

SEGMENT_NAME = re.compile(rb"[A-Z][A-Z0-9]{2}\Z")
# HL7 2.A: YYYYMMDD[HH[MM[SS[.S[S[S[S]]]]]]][+/-ZZZZ]; here the day is required.
TIME_STAMP = re.compile(r"(\d{8})(\d{2})?(\d{2})?(\d{2})?(\.\d{1,4})?([+-]\d{4})?\Z")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of an ``MSH`` segment; an absent field is empty."""

    field_separator: bytes = b"|"
    encoding_characters: bytes = b"^~\\&"
    fields: tuple[bytes, ...] = ()
    """MSH-3 onwards."""

    def field(self, number: int) -> bytes:
        """Return MSH-*number*, for 3 and above."""
        position = number - 3
        return self.fields[position] if position < len(self.fields) else b""

    def component(self, number: int, position: int) -> bytes:
        """Return a component of MSH-*number*, counted from 1."""
        components = self.field(number).split(self.component_separator)
        return components[position - 1] if position <= len(components) else b""

    @property
    def component_separator(self) -> bytes:
        """The first encoding character."""
        return self.encoding_characters[:1]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message is refused: an HL7 table 0357 code, and a sentence without payload."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The fields of Google's ``Message`` resource that are taken from the message."""

    control_id: str
    message_type: str
    send_facility: str
    send_time: str | None
    patient_ids: list[dict[str, str]] = field(default_factory=list)


def read_header(data: bytes) -> Header | None:
    """Return the header, even of an invalid message; None if ``MSH`` or its delimiters cannot be read."""
    if not data.startswith(b"MSH") or len(data) < 8:
        return None
    separator = data[3:4]
    encoding_characters, *fields = re.split(rb"[\r\n]", data, maxsplit=1)[0][4:].split(separator)
    # HL7 2.5.4: four encoding characters, and since 2.7 a fifth for truncation.
    delimiters = separator + encoding_characters
    plausible = len(encoding_characters) in (4, 5) and len(set(delimiters)) == len(delimiters)
    if not plausible or any(octet <= 0x20 or octet >= 0x7F or chr(octet).isalnum() for octet in delimiters):
        return None
    return Header(separator, encoding_characters, tuple(fields))


def find_fault(data: bytes) -> Fault | None:
    """Return the first reason why *data* is not a single complete HL7v2 message, or None."""
    if not data.startswith(b"MSH"):
        return Fault(100, "the message does not start with an MSH segment")
    header = read_header(data)
    if header is None:
        return Fault(102, "MSH-1 and MSH-2 do not define five or six different delimiters")
    return _fault_of_segments(data, header) or _fault_of_header(header)


def _fault_of_segments(data: bytes, header: Header) -> Fault | None:
    first, *others = data.split(b"\r")
    if b"\n" in first:
        return Fault(100, "segments are not terminated with CR")
    for number, segment in enumerate(others, start=2):
        name = segment.split(header.field_separator, 1)[0]
        if name == b"MSH":
            return Fault(100, f"segment {number} is a second MSH: send one message at a time")
        if segment and not SEGMENT_NAME.match(name):
            return Fault(100, f"segment {number} does not start with a segment name")
    return None


def _fault_of_header(header: Header) -> Fault | None:
    required = {"MSH-9": header.component(9, 1), "MSH-10": header.field(10)}
    missing = [name for name, value in required.items() if not value.strip()]
    return Fault(101, f"{missing[0]} is required") if missing else None


def summarise(data: bytes) -> Summary:
    """Return the summary of a message in which :func:`find_fault` has found no fault."""
    header = read_header(data) or Header()
    return Summary(
        control_id=as_text(header.field(10)),
        message_type=as_text(header.component(9, 1)),
        send_facility=as_text(header.component(4, 1)),
        send_time=_as_instant(as_text(header.component(7, 1))),
        patient_ids=_patient_ids(data, header),
    )


def as_text(octets: bytes) -> str:
    """Return *octets* as text for a JSON reply: UTF-8, or else Latin-1. The stored message is not changed."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _as_instant(stamp: str) -> str | None:
    match = TIME_STAMP.match(stamp)
    if match is None:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    text = f"{day}{hour or '00'}{minute or '00'}{second or '00'}{fraction or '.0'}{zone or '+0000'}"
    try:
        return rfc3339(datetime.strptime(text, "%Y%m%d%H%M%S.%f%z").astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _patient_ids(data: bytes, header: Header) -> list[dict[str, str]]:
    """Return the identifiers of PID-2, PID-3 and PID-4 with their types (CX.1 and CX.5)."""
    identifiers = []
    for segment in data.split(b"\r"):
        name, *fields = segment.split(header.field_separator)
        if name != b"PID":
            continue
        repetition_separator = header.encoding_characters[1:2]
        for repetition in repetition_separator.join(fields[1:4]).split(repetition_separator):
            components = [*repetition.split(header.component_separator), b"", b"", b"", b""]
            if components[0]:
                identifiers.append({"value": as_text(components[0]), "type": as_text(components[4])})
    return identifiers

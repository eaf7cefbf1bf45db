"""Builds acknowledgements (HL7 2.13), and reads the code of one.

Everything is echoed with the message's own delimiters and octets. Time and control ID are arguments.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import islice

from adapters.hl7.er7 import Header, ending, lead
from gateway.contract.outcome import Finding
from gateway.contract.records import record

# HL7 table 0357.
CONDITIONS = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}
POSITIVE = frozenset({"AA", "CA"})
_LONGEST_TEXT = 80  # MSA-3 is an ST of 80 characters before 2.5.
_LONGEST_MESSAGE = 250  # ERR-8 is a TX of 250 characters (2.5, chapter 2, table of ERR).
_MOST_FINDINGS = 10
_LONGEST_VERSION = len(b"999.999.999.999")
_FRAMING = b"\x0b\x1c\n\0"
_POSITIVE = tuple(b"\rMSA|%b%b" % (code, end) for code in (b"AA", b"CA") for end in (b"|", b"\r"))
_ANSWER_CODE = re.compile(rb"[A-Z]{2}")


@record
class Condition:
    """The cause in a negative acknowledgement: a code of table 0357, and a sentence without payload."""

    code: str
    text: str
    findings: tuple[Finding, ...] = ()
    """The mistakes with their places, if they are known."""


def acknowledge(
    header: Header, code: str, *, control_id: str, now: datetime, condition: Condition | None = None
) -> bytes:
    """Return the acknowledgement *code* (``AA``, ``CE``, …) of the message that *header* begins. Never raises.

    *control_id* is new and at most 20 characters long; *now* has a time zone.
    """
    version = _version(header)
    separator = header.delimiters.field
    event = header.field(9).split(header.delimiters.component, 2)[1:2]
    # The message structure, MSH-9.3, exists since HL7 2.3.1.
    full_type = version >= (2, 3, 1) and event and event[0]
    message_type = header.delimiters.component.join((b"ACK", event[0], b"ACK")) if full_type else b"ACK"
    msh = [
        *reply_fields(b"MSH", header, now),
        b"",
        message_type,
        control_id.encode(),
        header.field(11),
        header.field(12),
    ]
    if charset := header.field(18):
        msh += [b""] * 5 + [charset]
    segments = [separator.join(msh), *_verdict(header, code, condition, version)]
    # An echoed field must not hold octets that end the MLLP block.
    return (b"\r".join(segments) + b"\r").translate(None, _FRAMING)


def reply_fields(name: bytes, header: Header, now: datetime) -> list[bytes]:
    """Return the first seven fields of a header segment to the sender of *header*: sender and receiver are swapped."""
    parties = [header.field(number) for number in (5, 6, 3, 4)]
    return [name, header.delimiters.encoding, *parties, now.strftime("%Y%m%d%H%M%S%z").encode()]


def answer_code(answer: bytes) -> str:
    """Return ``MSA-1`` of *answer*, of a batch the first negative one; empty if there is none."""
    at = answer.find(b"\rMSA|")
    if at >= 0 and answer.startswith(_POSITIVE, at) and answer.startswith(b"MSH|") and answer.count(b"MSA") == 1:
        return answer[at + 5 : at + 7].decode()  # the usual case
    codes = _answer_codes(answer)
    return next((code for code in codes if code not in POSITIVE), codes[0] if codes else "")


def is_positive(answer: bytes) -> bool:
    """Return whether *answer*, an acknowledgement or a batch of them, accepts everything."""
    return answer_code(answer) in POSITIVE


def acknowledged_id(answer: bytes) -> bytes:
    """Return ``MSA-2`` of *answer* as received: the control ID of the message it answers."""
    return next(iter(_msa_fields(answer, 2)), b"")


def answer_text(answer: bytes) -> str:
    """Return what *answer* says in words: ``MSA-3``, or ``ERR-8`` since 2.5; empty where it says nothing."""
    texts = [*_msa_fields(answer, 3), *_fields(answer, b"ERR", 8)]
    return next((text.decode("utf-8", "replace") for text in texts if text.strip()), "")


def _verdict(header: Header, code: str, condition: Condition | None, version: tuple[int, ...]) -> list[bytes]:
    separator = header.delimiters.field
    msa = [b"MSA", code.encode(), header.field(10)]
    if condition is None:
        return [separator.join(msa)]
    findings = condition.findings[:_MOST_FINDINGS] or (Finding(condition.code, condition.text),)
    if version >= (2, 5):
        return [separator.join(msa), *(_error(header, finding) for finding in findings)]
    text = header.delimiters.escape(condition.text[:_LONGEST_TEXT])
    return [separator.join([*msa, text]), *_old_error(header, condition.findings[:_MOST_FINDINGS])]


def _error(header: Header, finding: Finding) -> bytes:
    """Return an ``ERR`` in the form of 2.5 and later."""
    text = header.delimiters.escape(finding.text[:_LONGEST_MESSAGE])
    err = [b"ERR", b"", _joined(header, _parts(finding)), _joined(header, _coded(finding.code)), b"E"]
    return header.delimiters.field.join([*err, b"", b"", b"", text])


def _old_error(header: Header, findings: Sequence[Finding]) -> list[bytes]:
    """Return the ``ERR`` of the versions before 2.5, whose only field is a repeating ELD: location and code."""
    places = [finding for finding in findings if finding.location]
    subcomponent, repetition = header.delimiters.encoding[3:4], header.delimiters.repetition
    if not places or not subcomponent or not repetition:
        return []
    errors = [
        header.delimiters.component.join(
            [
                _joined(header, [*_parts(finding), "", ""][:3]),
                subcomponent.join(part.encode() for part in _coded(finding.code)),
            ]
        )
        for finding in places
    ]
    return [header.delimiters.field.join([b"ERR", repetition.join(errors)])]


def _parts(finding: Finding) -> list[str]:
    return (finding.location or "").split("^")


def _coded(code: str) -> list[str]:
    return [code, CONDITIONS.get(code, ""), "HL70357"]


def _joined(header: Header, parts: Iterable[str]) -> bytes:
    return header.delimiters.component.join(header.delimiters.escape(part) for part in parts)


def _version(header: Header) -> tuple[int, ...]:
    """Return ``MSH-12`` as numbers. If it is unreadable, the oldest form is used, which every version can read."""
    written = header.first(12).strip()
    return _numbers(written) if len(written) <= _LONGEST_VERSION else ()


@lru_cache(maxsize=32)
def _numbers(written: bytes) -> tuple[int, ...]:
    numbers = written.split(b".", 3)
    readable = all(number.isdigit() and len(number) < 4 for number in numbers)
    return tuple(int(number) for number in numbers) if readable else ()


def _answer_codes(answer: bytes) -> list[str]:
    codes = _msa_fields(answer, 1)
    return [code.decode() if _ANSWER_CODE.fullmatch(code) else "" for code in codes]


def _msa_fields(answer: bytes, number: int) -> list[bytes]:
    return _fields(answer, b"MSA", number)


def msa_segments(answer: bytes, most: int) -> list[list[bytes]]:
    """Return the first fields of each ``MSA`` in *answer*, of at most so many; field *n* is the *n*-th of a list."""
    start = 0 if answer.startswith(b"MSH") else lead(answer)
    separator = answer[start + 3 : start + 4]
    if not separator:
        return []
    found = islice(_segments(b"MSA", separator, ending(answer, start)).finditer(answer), most)
    return [each[1].split(separator, 3) for each in found]


def error_segments(answer: bytes, most: int) -> list[list[bytes]]:
    """Return the first fields of each ``MSA`` and ``ERR`` in *answer*, of at most so many; field 0 is the name."""
    start = 0 if answer.startswith(b"MSH") else lead(answer)
    separator = answer[start + 3 : start + 4]
    if not separator:
        return []
    found = islice(_segments(b"(?:MSA|ERR)", separator, ending(answer, start)).finditer(answer), most)
    return [each[1].split(separator, 9) for each in found]


def _fields(answer: bytes, name: bytes, number: int) -> list[bytes]:
    start = 0 if answer.startswith(b"MSH") else lead(answer)
    separator = answer[start + 3 : start + 4]
    segments = _segments(name, separator, ending(answer, start)).findall(answer) if separator else []
    rows = [segment.split(separator, number + 1) for segment in segments]
    return [row[number] if number < len(row) else b"" for row in rows]


@cache
def _segments(name: bytes, separator: bytes, ends: bytes) -> re.Pattern[bytes]:
    # Where a line feed ends segments, a run of them must not be tried from each of its places: that takes the square.
    end = rb"\r\n*" if ends == b"\r" else rb"[\r\n]"
    return re.compile(rb"(?:\A|" + end + rb")(" + name + re.escape(separator) + rb"[^\r\n]*)")

"""Reads RFC 5424 messages and RFC 5425 frames by the RFCs' grammar, independently of what writes them."""

import re
from dataclasses import dataclass

_HEADER = re.compile(
    rb"<(?P<priority>[1-9]\d{0,2})>1 "
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    rb"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<message_id>[!-~]{1,32}) - "
)


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """One message taken apart."""

    priority: int
    time: str
    host: str
    app: str
    process: str
    message_id: str
    content: bytes


def read_message(octets: bytes) -> SyslogMessage:
    """Take apart an RFC 5424 message whose structured data is nil and whose text is UTF-8."""
    found = _HEADER.match(octets)
    assert found is not None, octets[:100]
    content = octets[found.end() :]
    assert content.startswith(b"\xef\xbb\xbf")
    content.decode("utf-8")
    priority, time, host, app, process, message_id = (each.decode() for each in found.groups())
    assert int(priority) <= 191
    return SyslogMessage(int(priority), time, host, app, process, message_id, content[3:])


def read_frames(octets: bytes) -> list[bytes]:
    """Cut a stream of counted octets (RFC 5425 4.3): a decimal length, a space, the message."""
    frames = []
    while octets:
        length, _, rest = octets.partition(b" ")
        assert re.fullmatch(rb"[1-9]\d*", length)
        assert len(rest) >= int(length)
        frames.append(rest[: int(length)])
        octets = rest[int(length) :]
    return frames

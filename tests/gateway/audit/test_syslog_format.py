"""RFC 5424 messages, read by a parser written from the RFC's grammar."""

import re

import pytest
from lxml import etree

from gateway.audit.message import AuditMessage
from gateway.audit.syslog_format import Sender, count_octets
from tests.gateway.audit.samples import MESSAGES, schema
from tests.gateway.audit.syslog_reader import read_frames, read_message


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_message(message: AuditMessage) -> None:
    """Each is RFC 5424 in UTF-8 with the header of PS3.15 A.6, around valid XML."""
    found = read_message(Sender("gate.example", "4711").syslog(message))
    assert ("gate.example", "hilum", "4711", "DICOM+RFC3881") == (
        found.host,
        found.app,
        found.process,
        found.message_id,
    )
    assert "2026-03-04T12:00:00.005Z" == found.time
    assert etree.fromstring(found.content).tag == "AuditMessage"


def test_priority() -> None:
    """Events are security notices (10 x 8 + 5), alerts warnings (10 x 8 + 4)."""
    sender = Sender("h", "1")
    assert [85, 84] == [read_message(sender.syslog(MESSAGES[name])).priority for name in ("start", "alert")]


def test_odd_host_name() -> None:
    """A host name that the header cannot hold is made to fit; an empty one is nil."""
    assert b" g?te?1 hilum " in Sender("g\u00e4te 1", "1").syslog(MESSAGES["start"])
    assert b" - hilum " in Sender("", "1").syslog(MESSAGES["start"])


def test_frames() -> None:
    """Counted octets keep messages apart, whatever is in them."""
    frames = b"".join(count_octets(each) for each in (b"a\n1 b", "\u00e4".encode()))
    assert [b"a\n1 b", "\u00e4".encode()] == read_frames(frames)


def test_schema_holds_for_the_content() -> None:
    """What stands behind the byte order mark is a whole document."""
    content = read_message(Sender("h", "1").syslog(MESSAGES["hl7"])).content
    assert schema().validate(etree.fromstring(content))
    assert re.match(rb"<\?xml version=.1\.0. encoding=.UTF-8.\?><AuditMessage>", content)

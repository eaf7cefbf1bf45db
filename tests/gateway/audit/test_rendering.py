"""An audit message as XML and as JSON."""

import base64
import json
from dataclasses import replace

import pytest
from lxml import etree

from gateway.audit.message import AuditMessage
from gateway.audit.rendering import as_json, as_xml
from tests.gateway.audit.samples import MESSAGES, schema

JANE = "//ParticipantObjectIdentification[@ParticipantObjectTypeCode='1']"


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_xml_obeys_the_schema(message: AuditMessage) -> None:
    """Every kind of message is valid by the RELAX NG schema of PS3.15 A.5.1, whatever peers wrote into it."""
    rules = schema()
    document = etree.fromstring(as_xml(replace(message, source_id="gate", enterprise_site_id="north")))
    assert rules.validate(document), rules.error_log


def test_schema_can_fail() -> None:
    """The schema of the test finds what is wrong: an outcome that is none."""
    document = etree.fromstring(as_xml(MESSAGES["start"]).replace(b'OutcomeIndicator="0"', b'OutcomeIndicator="1"'))
    assert not schema().validate(document)


def test_xml_says_who_and_when() -> None:
    """Time, patient and message are in their places, escaped where XML needs it."""
    document = etree.fromstring(as_xml(MESSAGES["hl7"]))
    assert ["2026-03-04T12:00:00.005Z"] == document.xpath("//@EventDateTime")
    assert ["123^^^NORTH^MR"] == document.xpath(f"{JANE}/@ParticipantObjectID")
    assert ["DOE^J\u00c4NE & <Co>"] == document.xpath(f"{JANE}/ParticipantObjectName/text()")
    details = dict(zip(document.xpath("//@type"), document.xpath("//@value"), strict=True))
    assert {"MSH-9": b"ADT^A01", "MSH-10": b"C1"} == {name: base64.b64decode(each) for name, each in details.items()}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_json_is_one_line(message: AuditMessage) -> None:
    """The JSON is one object on one line, and names the event as the XML does."""
    line = as_json(message)
    assert 1 == line.count(b"\n")
    assert message.event.value == json.loads(line)["EventIdentification"]["EventID"]["csd-code"]


def test_json_lists() -> None:
    """What may stand several times is a list, also where it stands once."""
    values = json.loads(as_json(MESSAGES["instances"]))
    assert ["CT1", "HILUM"] == [each["UserID"] for each in values["ActiveParticipant"]]
    study, patient = values["ParticipantObjectIdentification"]
    counted = [{"UID": "1.2.840.10008.5.1.4.1.1.2", "NumberOfInstances": "2"}]
    assert counted == study["ParticipantObjectDescription"]["SOPClass"]
    assert "DOE^J\u00c4NE & <Co>" == patient["ParticipantObjectName"]

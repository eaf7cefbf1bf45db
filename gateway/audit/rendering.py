"""Writes an audit message as XML (PS3.15 A.5.1), or as one line of JSON with the same names."""

import base64
import json
import re
from datetime import UTC
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.audit.message import AuditMessage, Code, Object, Participant

APPLICATION_SERVER = "4"  # AuditSourceTypeCode
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_SEVERAL = {"ActiveParticipant", "RoleIDCode", "ParticipantObjectIdentification", "ParticipantObjectDetail",
            "EventTypeCode", "AuditSourceTypeCode", "SOPClass", "Instance"}  # fmt: skip


def as_xml(message: AuditMessage) -> bytes:
    """Return *message* as an XML document in UTF-8."""
    text = tostring(_tree(message), encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def as_json(message: AuditMessage) -> bytes:
    """Return *message* as one line of JSON: names, nesting and values are those of the XML."""
    return json.dumps(_plain(_tree(message)), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _tree(message: AuditMessage) -> Element:
    root = Element("AuditMessage")
    time = message.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = _add(
        root,
        "EventIdentification",
        EventActionCode=message.action,
        EventDateTime=time,
        EventOutcomeIndicator=message.result,
    )
    _add_code(event, "EventID", message.event)
    if message.event_type is not None:
        _add_code(event, "EventTypeCode", message.event_type)
    if message.outcome:
        _add(event, "EventOutcomeDescription").text = _clean(message.outcome)
    for participant in message.participants:
        _add_participant(root, participant)
    source = _add(
        root,
        "AuditSourceIdentification",
        AuditEnterpriseSiteID=message.enterprise_site_id,
        AuditSourceID=message.source_id,
    )
    SubElement(source, "AuditSourceTypeCode", {"csd-code": APPLICATION_SERVER})
    for each in message.objects:
        _add_object(root, each)
    return root


def _add_participant(root: Element, participant: Participant) -> None:
    element = _add(
        root,
        "ActiveParticipant",
        UserID=participant.user_id,
        AlternativeUserID=participant.alternative_user_id or None,
        UserName=participant.user_name or None,
        UserIsRequestor="true" if participant.is_requestor else "false",
        NetworkAccessPointID=participant.access_point or None,
        NetworkAccessPointTypeCode=participant.access_point_type if participant.access_point else None,
    )
    if participant.role is not None:
        _add_code(element, "RoleIDCode", participant.role)


def _add_object(root: Element, each: Object) -> None:
    type_code, role = each.kind.value
    element = _add(
        root,
        "ParticipantObjectIdentification",
        ParticipantObjectID=each.object_id,
        ParticipantObjectTypeCode=type_code,
        ParticipantObjectTypeCodeRole=role,
    )
    _add_code(element, "ParticipantObjectIDTypeCode", each.id_type)
    # The schema requires a name or a query, although the tables call both optional.
    _add(element, "ParticipantObjectName").text = _clean(each.name)
    for name, value in each.details.items():
        encoded = base64.b64encode(value.encode()).decode()
        _add(element, "ParticipantObjectDetail", type=name, value=encoded)
    if each.sop_classes:
        description = _add(element, "ParticipantObjectDescription")
        for sop_class in each.sop_classes:
            listed = _add(description, "SOPClass", UID=sop_class.uid, NumberOfInstances=str(sop_class.count))
            for uid in sop_class.instances:
                _add(listed, "Instance", UID=uid)


def _add_code(parent: Element, name: str, code: Code) -> None:
    attributes = {"csd-code": code.value, "codeSystemName": code.system, "originalText": code.meaning}
    SubElement(parent, name, attributes)


def _add(parent: Element, name: str, **attributes: str | None) -> Element:
    return SubElement(parent, name, {key: _clean(value) for key, value in attributes.items() if value is not None})


def _clean(text: str) -> str:
    """Return *text* with characters replaced that XML does not allow: names from peers may have control characters."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _plain(element: Element) -> Any:
    """Return the element as JSON values; an element that may occur several times is always a list."""
    if not len(element) and not element.attrib:
        return element.text or ""
    values: dict[str, Any] = dict(element.attrib)
    for child in element:
        if child.tag in _SEVERAL:
            values.setdefault(child.tag, []).append(_plain(child))
        else:
            values[child.tag] = _plain(child)
    return values

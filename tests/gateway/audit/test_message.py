"""What an event takes in memory."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.audit.message import AuditMessage, SopClass, memory_of
from tests.gateway.audit.samples import MESSAGES

LONG = "x" * 1_000_000
HL7, INSTANCES = MESSAGES["hl7"], MESSAGES["instances"]


def with_first(message: AuditMessage, part: str, **changed: Any) -> AuditMessage:
    """Return *message* with something else in the first of its participants or objects."""
    first, *others = getattr(message, part)
    changes: dict[str, Any] = {part: (replace(first, **changed), *others)}
    return replace(message, **changes)


HEAVY = {
    "outcome": replace(HL7, outcome=LONG),
    "user": with_first(HL7, "participants", user_id=LONG),
    "alternative user": with_first(HL7, "participants", alternative_user_id=LONG),
    "user name": with_first(HL7, "participants", user_name=LONG),
    "access point": with_first(HL7, "participants", access_point=LONG),
    "object": with_first(HL7, "objects", object_id=LONG),
    "object name": with_first(HL7, "objects", name=LONG),
    "detail": with_first(HL7, "objects", details={"MSH-9": LONG}),
    "class": with_first(INSTANCES, "objects", sop_classes=(SopClass(LONG, 1),)),
    "instances": with_first(INSTANCES, "objects", sop_classes=(SopClass("1.2", 2, (LONG[1:], "1")),)),
}


@pytest.mark.parametrize("message", HEAVY.values(), ids=HEAVY)
def test_memory(message: AuditMessage) -> None:
    """Each text that may be long counts."""
    assert 1_000_000 <= memory_of(message) < 1_010_000

"""The kind ``http`` of listener."""

from pathlib import Path

from adapters.http.kind import HTTP_IN
from adapters.http.settings import HttpListenerSettings
from gateway.contract.body import WholeBody
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from gateway.kinds import KINDS

SETTINGS = HttpListenerSettings(kind="http", accepts="fhir", port=0)


def test_it_is_listed() -> None:
    """The table of kinds has it beside the destination of that name."""
    assert HTTP_IN is KINDS.listeners["http"]
    assert "fhir" == HTTP_IN.gives


def test_whom_a_message_is_about() -> None:
    """The audit trail and the order get the patient from the body, or from the address."""
    body = b'{"resourceType":"Patient","identifier":[{"system":"urn:a","value":"7"}],"name":[{"family":"Doe"}]}'
    message = Message("1", WholeBody(body), {}, {}, interaction=Interaction("POST", "Patient"))
    assert "Doe" == HTTP_IN.subject_of(message, body).patient_name
    assert "urn:a|7" == HTTP_IN.patient_of(message)


def test_values_of_facts() -> None:
    """`hilum check` knows which interactions there are."""
    assert "patch" in HTTP_IN.allowed_values(SETTINGS)["interaction"]


def test_try(tmp_path: Path) -> None:
    """`hilum try` reads a file as one message."""
    path = tmp_path / "a.json"
    path.write_bytes(b'{"resourceType":"Patient","id":"1"}')
    assert HTTP_IN.read_file is not None
    (message,) = HTTP_IN.read_file(path.read_bytes(), "in")
    assert ("update", "Patient") == (message.facts["interaction"], message.facts["resource_type"])

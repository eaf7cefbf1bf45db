"""Whatever a store does wrong, the peer gets the answer that is true, through the whole gateway."""

import asyncio
import base64
import json

import pytest
from pydicom import dcmread
from pynetdicom import AE

from tests.dicom_files import shipped
from tests.faults.raw_store import HANG_UP, SILENCE, http, raw_store
from tests.mllp_client import adt, code_of, mllp_client
from tests.running import relay, running_gateway

ACK = b"MSH|^~\\&|STORE|||\rMSA|AA|C1\r"
NACK = b"MSH|^~\\&|STORE|||\rMSA|AE|C1|patient unknown\r"
INGESTED = json.dumps({"message": {}, "hl7Ack": base64.b64encode(ACK).decode()}).encode()
OBJECTION = {"error": {"code": 400, "details": [{"hl7Nack": base64.b64encode(NACK).decode()}]}}

HL7_ANSWERS = {
    "an ACK": (http("200 OK", INGESTED), "AA"),
    "a NACK in the error": (http("400 Bad Request", json.dumps(OBJECTION).encode()), "AE"),
    "an error without a NACK": (http("400 Bad Request", b"{}"), "AE"),
    "a conflict": (http("409 Conflict"), "AE"),
    "too large": (http("413 Payload Too Large"), "AE"),
    "malformed JSON": (http("200 OK", b'{"hl7Ack": '), "AR"),
    "an ACK that is no base64": (http("200 OK", b'{"hl7Ack": "?"}'), "AR"),
    "not authorised": (http("401 Unauthorized"), "AR"),
    "out of service": (http("503 Service Unavailable", b"", "Retry-After: 60"), "AR"),
    "a redirect": (http("302 Found", b"", "Location: http://127.0.0.1:1/"), "AR"),
    "a hang-up": (HANG_UP, "AR"),
    "silence": (SILENCE, "AR"),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", "AR"),
}


@pytest.mark.parametrize(("reply", "expected"), HL7_ANSWERS.values(), ids=HL7_ANSWERS)
async def test_hl7(reply: bytes, expected: str) -> None:
    """An HL7 sender gets a code that says whether sending again helps."""
    async with raw_store(reply) as store:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{store.url}"', within=0.5, attempts=1)
        async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
            answer = await client.ask(adt("C1"))
    assert expected == code_of(answer)


async def test_relayed_byte_for_byte() -> None:
    """The store's own NACK reaches the sender as the store wrote it."""
    async with raw_store(HL7_ANSWERS["a NACK in the error"][0]) as store:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{store.url}"')
        async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
            assert NACK == await client.ask(adt("C1"))


async def test_retry_after_is_honoured() -> None:
    """A store that asks for a minute is not asked again within the message's deadline."""
    async with raw_store(HL7_ANSWERS["out of service"][0]) as store:
        text = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{store.url}"', within=5, attempts=5)
        async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))
        assert 1 == store.requests


async def test_retry_after_is_believed_within_bounds() -> None:
    """A store that asks for a minute is asked again within the message's deadline where the settings believe less."""
    async with raw_store(HL7_ANSWERS["out of service"][0]) as store:
        destination = f'kind: hl7v2_store, url: "{store.url}", max_retry_after_seconds: 0.1'
        text = relay("kind: mllp, port: 0", destination, within=30, attempts=2)
        async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
            assert "AR" == code_of(await client.ask(adt("C1")))
        assert 2 == store.requests


UID = str(dcmread(shipped("CT_small.dcm"), stop_before_pixels=True).SOPInstanceUID)
JSON = "Content-Type: application/dicom+json"


def verdict(sequence: str, reason: str | None = None) -> bytes:
    """Return a STOW-RS response body that names the instance in *sequence*, with a failure *reason* tag and value."""
    item = {"00081155": {"vr": "UI", "Value": [UID]}}
    if reason is not None:
        item["00081197"] = {"vr": "US", "Value": [int(reason, 16)]}  # type: ignore[list-item]
    return json.dumps({sequence: {"vr": "SQ", "Value": [item]}}).encode()


NAMELESS = b'{"00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [49152]}}]}}'
DICOM_STATUSES = {
    "stored": (http("200 OK", verdict("00081199"), JSON), 0x0000),
    "its own failure reason": (http("409 Conflict", verdict("00081198", "A900"), JSON), 0xA900),
    "failed, although 200": (http("200 OK", verdict("00081198", "C123"), JSON), 0xC123),
    "a failure without a name, with 200": (http("200 OK", NAMELESS, JSON), 0xC000),
    "nothing, with 200": (http("200 OK", b"", JSON), 0xA700),
    "a page, with 200": (http("200 OK", b"<html><title>Sign in</title></html>", "Content-Type: text/html"), 0xA700),
    "an error, with 200": (http("200 OK", b'{"error": "no database"}', "Content-Type: application/json"), 0xA700),
    "bad request": (http("400 Bad Request"), 0xC000),
    "too large": (http("413 Payload Too Large"), 0xA900),
    "not this kind": (http("415 Unsupported Media Type"), 0xC122),
    "out of service": (http("503 Service Unavailable", b"", "Retry-After: 60"), 0xA700),
    "not authorised": (http("403 Forbidden"), 0xA700),
    "a hang-up": (HANG_UP, 0xA700),
    "silence": (SILENCE, 0xA700),
}


def store_one(port: int) -> tuple[str, str]:
    """C-STORE one instance and return the status and the Error Comment."""
    instance = dcmread(shipped("CT_small.dcm"))
    entity = AE()
    entity.add_requested_context(instance.SOPClassUID, instance.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title="HILUM")
    assert association.is_established
    status = association.send_c_store(instance)
    association.release()
    return f"{status.Status:04X}", str(status.get("ErrorComment", ""))


@pytest.mark.parametrize(("reply", "expected"), DICOM_STATUSES.values(), ids=DICOM_STATUSES)
async def test_dicom(reply: bytes, expected: int) -> None:
    """A modality gets a status that says what became of the instance."""
    async with raw_store(reply) as store:
        text = relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{store.url}"', within=0.5)
        async with running_gateway(text) as gateway:
            assert f"{expected:04X}" == (await asyncio.to_thread(store_one, gateway.ports["in"]))[0]


REASONS = {
    "A900": (
        http("409 Conflict", verdict("00081198", "A900"), JSON),
        "the store said A900 data set does not match SOP class; the store",
    ),
    "C000 by a status": (
        http("400 Bad Request", b'{"error": {"status": "INVALID_ARGUMENT", "message": "PatientID 889911 is invalid"}}'),
        "the store said INVALID_ARGUMENT, PatientID ... is invalid; the s",
    ),
    "A700": (
        http("503 Service Unavailable", b"database is locked"),
        "the store said database is locked; the store is out of service (",
    ),
}


@pytest.mark.parametrize(("reply", "comment"), REASONS.values(), ids=REASONS)
async def test_error_comment(reply: bytes, comment: str) -> None:
    """The modality's Error Comment has the store's own reason, and nothing of what the store quotes."""
    async with raw_store(reply) as store:
        text = relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{store.url}"', within=0.5)
        async with running_gateway(text) as gateway:
            assert comment == (await asyncio.to_thread(store_one, gateway.ports["in"]))[1]

"""The campaign's stores keep what is posted to them and nothing else."""

import base64
import json

import pytest

from tests.campaign.archives import Archive, HttpMessages, Images, IngestedMessages
from tests.campaign.hl7_sender import hl7
from tests.campaign.http_requests import Answer, Request
from tests.campaign.instances import Content

MESSAGE = hl7("test", "C1", "P1", 0)
INGEST = json.dumps({"message": {"data": base64.b64encode(MESSAGE).decode()}}).encode()
META = b"\0" * 128 + b"DICM" + bytes.fromhex("02000000 554c 0400 00000000")  # a group 2 of nothing but its length
PART10 = META + Content("1.2.3.1", 1, 10).data_set()
CORRECTED = META + Content("1.2.3.1", 2, 10).data_set()


def stow(*parts: bytes) -> Request:
    """Return a STOW-RS request."""
    body = b"".join(b"--x\r\nContent-Type: application/dicom\r\n\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    return Request("POST", "/studies", {"content-type": "multipart/related; boundary=x"}, body)


def serve(archive: Archive, request: Request) -> tuple[Answer, list[tuple[str, bytes | None]]]:
    """Return the answer and what was kept."""
    kept: list[tuple[str, bytes | None]] = []
    return archive.serve(request, lambda name, content: kept.append((name, content))), kept


@pytest.mark.parametrize(
    ("archive", "body"), [(HttpMessages(), MESSAGE), (IngestedMessages(), INGEST)], ids=["http", "ingest"]
)
def test_message(archive: Archive, body: bytes) -> None:
    """A message is kept under its control ID, octet for octet; a probe is not."""
    request = Request("POST", "/", {}, body)
    answer, kept = serve(archive, request)
    assert (200, [("C1", MESSAGE)], ["C1"]) == (answer.status, kept, archive.names(request))
    answer, kept = serve(archive, Request("OPTIONS", "/", {}, b""))
    assert (405, []) == (answer.status, kept)


def test_images_are_overwritten() -> None:
    """The plain image store takes the new content of an instance, and cannot be asked."""
    archive = Images()
    for part, version in ((PART10, 1), (CORRECTED, 2)):
        answer, kept = serve(archive, stow(part))
        assert (200, [("1.2.3.1", Content("1.2.3.1", version, 10).data_set())]) == (answer.status, kept)
    assert 404 == serve(archive, Request("GET", "/instances?SOPInstanceUID=1.2.3.1", {}, b""))[0].status


def test_images_conflict() -> None:
    """The other image store keeps what it has until that is deleted, and tells what it has."""
    archive = Images(conflicts=True)
    assert 200 == serve(archive, stow(PART10))[0].status
    answer, kept = serve(archive, stow(CORRECTED))
    assert (409, []) == (answer.status, kept)
    found = serve(archive, Request("GET", "/instances?SOPInstanceUID=1.2.3.1", {}, b""))[0]
    assert ["1.2.3.1"] == [each["00080018"]["Value"][0] for each in json.loads(found.body)]
    assert PART10 in serve(archive, Request("GET", "/studies/1/series/1/instances/1.2.3.1", {}, b""))[0].body
    answer, kept = serve(archive, Request("DELETE", "/studies/1/series/1/instances/1.2.3.1", {}, b""))
    assert (204, [("1.2.3.1", None)]) == (answer.status, kept)
    assert 200 == serve(archive, stow(CORRECTED))[0].status

"""What stores keep and say: HL7 over HTTP, the Cloud Healthcare API's ingest, STOW-RS. Each knows nothing of Hilum."""

import base64
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message as MimeMessage
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.campaign.http_requests import Answer, Request
from tests.dicom_files import data_set

Keep = Callable[[str, bytes | None], None]
"""Takes the name of a message and its content, which is kept now; None when it is deleted."""
DUPLICATE = 0x0111  # PS3.7 C.5.11
NOT_ALLOWED = Answer(405)
DICOM_JSON = "application/dicom+json"


class Archive(Protocol):
    """One way of keeping."""

    def names(self, request: Request) -> Sequence[str]:
        """Return the names of what is in *request*."""

    def serve(self, request: Request, keep: Keep) -> Answer:
        """Carry *request* out and return the true answer."""


def control_id(message: bytes) -> str:
    """Return MSH-10."""
    fields = message.split(b"\r")[0].split(b"|")
    return fields[9].decode() if len(fields) > 9 else ""


def acknowledgement(name: str) -> bytes:
    """Return a store's own ACK."""
    return (rf"MSH|^~\&|STORE||||20260102030405||ACK|A{name}|P|2.5.1" + f"\rMSA|AA|{name}\r").encode()


class HttpMessages:
    """HL7 over HTTP, or over MLLP: the message is the body, the acknowledgement is the reply."""

    def names(self, request: Request) -> Sequence[str]:
        """Return the one name."""
        return [control_id(request.body)] if request.method == "POST" else []

    def serve(self, request: Request, keep: Keep) -> Answer:
        """Keep the message."""
        if request.method != "POST":
            return NOT_ALLOWED
        name = control_id(request.body)
        keep(name, request.body)
        return Answer(200, "x-application/hl7-v2+er7", acknowledgement(name))


class IngestedMessages:
    """``messages:ingest``; unlike Google's, keeps what it has already once more, so that duplicates show."""

    def names(self, request: Request) -> Sequence[str]:
        """Return the one name."""
        return [control_id(self._message(request))] if request.method == "POST" else []

    def serve(self, request: Request, keep: Keep) -> Answer:
        """Keep the message."""
        if request.method != "POST":
            return NOT_ALLOWED
        message = self._message(request)
        keep(name := control_id(message), message)
        reply = {"message": {"name": name}, "hl7Ack": base64.b64encode(acknowledgement(name)).decode()}
        return Answer(200, "application/json", json.dumps(reply).encode())

    def _message(self, request: Request) -> bytes:
        return base64.b64decode(json.loads(request.body)["message"]["data"])


@dataclass(slots=True)
class Images:
    """STOW-RS. Takes the new content of an instance it has, or, when *conflicts*, refuses it until it is deleted."""

    conflicts: bool = False
    """Then it can be asked what it has (QIDO-RS, WADO-RS), and told to delete; otherwise that is not available."""
    _held: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By SOP Instance UID, where *conflicts*."""

    def names(self, request: Request) -> Sequence[str]:
        """Return the SOP Instance UIDs to be stored; none for other requests."""
        return [uids(part)[0] for part in parts(request)] if request.method == "POST" else []

    def serve(self, request: Request, keep: Keep) -> Answer:
        """Do what is asked for."""
        if request.method == "POST":
            return self._store(request, keep)
        if not self.conflicts:
            return Answer(404)
        target = urlsplit(request.target)
        uid = target.path.rsplit("/", 1)[-1]
        if uid == "instances":
            return self._find(parse_qs(target.query).get("SOPInstanceUID", [""])[0])
        if uid not in self._held:
            return Answer(404)
        if request.method != "DELETE":
            return self._give(uid)
        del self._held[uid]
        keep(uid, None)
        return Answer(204)

    def _store(self, request: Request, keep: Keep) -> Answer:
        stored, failed = [], []
        for part in parts(request):
            uid = uids(part)[0]
            if self.conflicts and uid in self._held:
                failed.append(uid)
                continue
            if self.conflicts:
                self._held[uid] = part
            keep(uid, data_set(part))
            stored.append(uid)
        said: dict[str, Any] = {}
        if stored:
            said["00081199"] = _sequence([{"00081155": _value("UI", uid)} for uid in stored])
        if failed:
            reason = {"00081197": _value("US", DUPLICATE)}
            said["00081198"] = _sequence([{"00081155": _value("UI", uid), **reason} for uid in failed])
        return Answer((202 if failed else 200) if stored else 409, DICOM_JSON, json.dumps(said).encode())

    def _find(self, uid: str) -> Answer:
        if uid not in self._held:
            return Answer(204)
        tags = ("00080018", "0020000D", "0020000E")
        found = {tag: _value("UI", value) for tag, value in zip(tags, uids(self._held[uid]), strict=True)}
        return Answer(200, DICOM_JSON, json.dumps([found]).encode())

    def _give(self, uid: str) -> Answer:
        body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + self._held[uid] + b"\r\n--b--\r\n"
        return Answer(200, 'multipart/related; type="application/dicom"; boundary=b', body)


def parts(request: Request) -> list[bytes]:
    """Return the Part 10 files of a STOW-RS request (PS3.18 10.5.1)."""
    header = MimeMessage()
    header["Content-Type"] = request.fields["content-type"]
    delimiter = b"\r\n--" + str(header.get_param("boundary")).encode()
    pieces = (b"\r\n" + request.body).split(delimiter)[1:-1]
    return [piece.split(b"\r\n\r\n", 1)[1] for piece in pieces]


def uids(part10: bytes) -> tuple[str, str, str]:
    """Return SOP, Study and Series Instance UID: the second to fourth element of the campaign's data sets."""
    octets, found, place = data_set(part10), [], 0
    for _ in range(4):
        length = struct.unpack_from("<H", octets, place + 6)[0]
        found.append(octets[place + 8 : place + 8 + length].rstrip(b"\0").decode())
        place += 8 + length
    return found[1], found[2], found[3]


def _value(vr: str, value: str | int) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _sequence(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": items}

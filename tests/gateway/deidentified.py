"""One patient in three formats, a step that takes the patient away, and stores that keep what they get."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from aiohttp import ClientSession, web
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

Json = dict[str, Any]
SYSTEM = "urn:oid:1.2.3"
NUMBER = "MRN7423501"
NAMES = ("Musterfrau", "Erika", NUMBER, "7423501", "Heidestr", "0301234567", "1954-03-07", "19540307", "2024-05-08")
"""What names the patient in one of the formats, and the day on which everything happened."""
DAY = "2024-05-08"
STUDY, INSTANCE = "1.3.46.670.1", "1.3.46.670.1.1"
ACCESSION = "ACC4711X"


def steps(folder: Path, **fhir: str) -> str:
    """Return the YAML of the step ``anonymous`` and its domains; make the key if there is none."""
    key = folder / "research.key"
    if not key.exists():
        key.write_text("5a" * 32)
        key.chmod(0o600)
    profile = ", ".join(f"{name}: {value}" for name, value in fhir.items())
    return (
        f"steps:\n  anonymous: {{kind: deidentify, key_file: {key}, fhir: {{{profile}}}}}\n"
        f"  fhir: {{kind: hl7v2_to_fhir, timezone: Europe/Berlin, systems: {{HOSP: '{SYSTEM}'}}}}\n"
        f"domains:\n  hospital: {{hl7v2: [HOSP], dicom: [HOSP], fhir: ['{SYSTEM}']}}\n"
        "admin: {port: 0}\nspool: {min_free_bytes: 0}\n"
    )


def adt(authority: str = "HOSP", control_id: str = "C1") -> bytes:
    """Return the patient's admission."""
    return (
        f"MSH|^~\\&|HIS|H|HILUM|C|20240508080000||ADT^A01^ADT_A01|{control_id}|P|2.5.1\rEVN||20240508080000\r"
        f"PID|1||{NUMBER}^^^{authority}^MR||Musterfrau^Erika||19540307|F|||Heidestr. 17^^Berlin^^10115^DE||0301234567\r"
        f"PV1|1|I|W1^2^3||||||||||||||||V1^^^{authority}|||||||||||||||||||||||||20240508080000\r"
    ).encode()


def ct(issuer: str = "HOSP", instance: str = INSTANCE) -> bytes:
    """Return an image of the patient, of the same day."""
    meta, data_set = FileMetaDataset(), Dataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, UID(instance)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta = meta
    data_set.SOPClassUID, data_set.SOPInstanceUID = CTImageStorage, instance
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = STUDY, f"{STUDY}.9"
    data_set.PatientName, data_set.PatientID, data_set.IssuerOfPatientID = "Musterfrau^Erika", NUMBER, issuer
    data_set.PatientBirthDate, data_set.StudyDate, data_set.StudyTime = "19540307", "20240508", "080000"
    data_set.AccessionNumber, data_set.Modality = ACCESSION, "CT"
    data_set.StudyDescription = "Thorax Musterfrau"
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


def patient(system: str = SYSTEM) -> Json:
    """Return the patient."""
    return {
        "resourceType": "Patient",
        "id": "p-7423501",
        "meta": {"source": f"http://his.example/{NUMBER}", "lastUpdated": f"{DAY}T08:00:00Z"},
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Erika Musterfrau</div>'},
        "extension": [{"url": "http://his.example/nickname", "valueString": "Erika"}],
        "identifier": [{"system": system, "value": NUMBER, "assigner": {"display": "for Musterfrau"}}],
        "name": [{"family": "Musterfrau", "given": ["Erika"], "_family": {"id": "Musterfrau"}}],
        "telecom": [{"system": "phone", "value": "0301234567"}],
        "gender": "female",
        "birthDate": "1954-03-07",
        "address": [{"line": ["Heidestr. 17"], "city": "Berlin", "country": "DE"}],
        "photo": [{"contentType": "image/png", "data": "TXVzdGVyZnJhdQ=="}],
        "contact": [{"name": {"family": "Musterfrau"}}],
        "generalPractitioner": [{"display": "Dr. Musterfrau"}],
    }


def study(subject: Json | None = None) -> Json:
    """Return the study of the image as a resource."""
    return {
        "resourceType": "ImagingStudy",
        "id": "s1",
        "identifier": [
            {"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"},
            {"type": {"coding": [{"code": "ACSN"}]}, "system": SYSTEM, "value": ACCESSION},
        ],
        "status": "available",
        "subject": subject or {"reference": "Patient/p-7423501", "display": "Erika Musterfrau"},
        "started": f"{DAY}T08:00:00+02:00",
    }


@dataclass
class Taken:
    """A request that a store got."""

    method: str
    path: str
    head: str
    body: bytes

    def json(self) -> Json:
        """Return the body."""
        found: Json = json.loads(self.body)
        return found

    def everything(self) -> str:
        """Return all that the store got, with letters in small."""
        return f"{self.path}\n{self.head}\n{self.body.decode('latin-1')}".lower()


@dataclass
class Store:
    """Keeps every request, and answers as stores of HL7v2, DICOM or FHIR do."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        """Keep the request."""
        body = await request.read()
        head = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        async with self.changed:
            self.taken.append(Taken(request.method, request.raw_path, head, body))
            self.changed.notify_all()
        if body.startswith(b"MSH"):
            reply = f"MSH|^~\\&|S|S|H|H|2024||ACK|A|P|2.5\rMSA|AA|{body.split(b'|')[9].decode()}\r"
            return web.Response(text=reply, content_type="x-application/hl7-v2+er7")
        found = json.loads(body) if body.startswith(b"{") else None
        if found is None:
            return web.json_response(_stored(body), content_type="application/dicom+json")
        if found["resourceType"] == "Bundle" and found["type"] in {"transaction", "batch"}:
            entry = [
                {"response": {"status": "201 Created", "location": f"X/{n}"}} for n, _ in enumerate(found["entry"])
            ]
            answer = {"resourceType": "Bundle", "type": f"{found['type']}-response", "entry": entry}
            return web.json_response(answer, content_type="application/fhir+json")
        return web.json_response(found, status=201, content_type="application/fhir+json")

    async def got(self, count: int) -> Sequence[Taken]:
        """Return the requests, once there are so many."""
        async with asyncio.timeout(120), self.changed:
            await self.changed.wait_for(lambda: len(self.taken) >= count)
        return self.taken


def _stored(body: bytes) -> Json:
    """Return the response to STOW-RS with one instance (PS3.18 I.2.2)."""
    data_set = pydicom.dcmread(BytesIO(body[body.index(b"DICM") - 128 :]), stop_before_pixels=True)
    named = {"00081150": data_set.SOPClassUID, "00081155": data_set.SOPInstanceUID}
    item = {tag: {"vr": "UI", "Value": [str(value)]} for tag, value in named.items()}
    return {"00081199": {"vr": "SQ", "Value": [item]}}


@asynccontextmanager
async def store() -> AsyncIterator[Store]:
    """Serve a store."""
    found, application = Store(), web.Application(client_max_size=1 << 26)
    application.router.add_route("*", "/{rest:.*}", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/base"
    try:
        yield found
    finally:
        await runner.cleanup()


async def post(port: int, body: Json | bytes, path: str = "", method: str = "POST", **headers: str) -> tuple[int, str]:
    """Send FHIR to a listener; return the status and all that the answer says."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/fhir+json"} | {name.replace("_", "-"): each for name, each in headers.items()}
    async with (
        ClientSession() as client,
        client.request(method, f"http://127.0.0.1:{port}/fhir{path}", data=data, headers=named) as reply,
    ):
        return reply.status, f"{reply.headers}\n{await reply.text()}"

"""A configuration with stores of the sandbox and a bucket, and files of every sort."""

import asyncio
import gzip
import io
import json
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp

from gateway.cli.main import main
from tests.dicom_files import make_instance

STORES = """
data_dir: {folder}/data
destinations:
  images: {{kind: dicomweb, url: "{url}/dicomStores/images/dicomWeb"}}
  other-images: {{kind: dicomweb, url: "{url}/dicomStores/other/dicomWeb"}}
  records: {{kind: fhir_store, url: "{url}/fhirStores/records/fhir"}}
  other-records: {{kind: fhir_store, url: "{url}/fhirStores/other/fhir"}}
  messages: {{kind: hl7v2_store, url: "{url}/hl7V2Stores/messages"}}
  other-messages: {{kind: hl7v2_store, url: "{url}/hl7V2Stores/other"}}
buckets:
  archive: {{kind: folder, url: "{folder}/archive"}}
"""
STUDY, SERIES = "1.2.3.1", "1.2.3.2"


def configured(folder: Path, url: str, more: str = "") -> Path:
    """Return a configuration."""
    path = folder / "hilum.yaml"
    path.write_text(STORES.format(folder=folder, url=url) + more)
    (folder / "archive").mkdir(exist_ok=True)
    return path


async def run(*words: object) -> int:
    """Run a command in a thread, since it has a loop of its own."""
    return await asyncio.to_thread(main, [str(each) for each in words])


async def get(url: str, accept: str = "application/json") -> Any:
    """Return the JSON of an address; an empty list for none."""
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as reply:
        return json.loads(await reply.read() or b"[]")


async def instances(url: str, store: str = "images") -> list[str]:
    """Return the SOP Instance UIDs of a DICOM store."""
    found = await get(f"{url}/dicomStores/{store}/dicomWeb/instances?limit=1000", "application/dicom+json")
    return sorted(each["00080018"]["Value"][0] for each in found)


def hl7(control_id: str) -> bytes:
    """Return a message."""
    return f"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|{control_id}|P|2.5\rPID|1||{control_id}^^^X^MR||DOE^JANE\r".encode()


def exported(message: bytes) -> bytes:
    """Return a line as Google exports messages."""
    return json.dumps({"data": b64encode(message).decode(), "labels": {"a": "b"}}).encode()


def patient(number: str) -> dict[str, Any]:
    """Return a FHIR resource."""
    return {"resourceType": "Patient", "id": number, "gender": "female", "name": [{"family": f"Doe{number}"}]}


def dicom(folder: Path, count: int) -> list[bytes]:
    """Return small instances of one study."""
    folder.mkdir(exist_ok=True)
    return [make_instance(folder, number, STUDY, SERIES).read_bytes() for number in range(count)]


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def gz(data: bytes) -> bytes:
    """Return a gzip file."""
    return gzip.compress(data, 1, mtime=0)

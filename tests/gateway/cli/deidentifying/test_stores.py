"""From one store of the sandbox to another: all is read, de-identified and written, and a second run does nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.cli.deidentifying.stores import format_between
from gateway.cli.main import main
from gateway.config.parts import SendPart, load_part
from gateway.contract.errors import ConfigError
from gateway.sandbox.server import Sandbox
from tests.dicom_files import shipped
from tests.gateway.cli.deidentifying.support import SECRETS, configured, patient

STORES = """
data_dir: {folder}/data
destinations:
  clinic-images: {{kind: dicomweb, url: "{url}/dicomStores/clinic/dicomWeb"}}
  research-images: {{kind: dicomweb, url: "{url}/dicomStores/research/dicomWeb"}}
  clinic-records: {{kind: fhir_store, url: "{url}/fhirStores/clinic/fhir"}}
  research-records: {{kind: fhir_store, url: "{url}/fhirStores/research/fhir", via: [anonymous]}}
  other-steps: {{kind: fhir_store, url: "{url}/fhirStores/other/fhir", via: [other]}}
  messages: {{kind: hl7v2_store, url: "{url}/hl7V2Stores/messages"}}
"""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """Run the embedded stores; return the address of their dataset."""
    async with Sandbox(tmp_path / "stores") as sandbox:
        yield f"{sandbox.url}/v1/projects/p/locations/l/datasets/d"


def with_stores(folder: Path, url: str) -> Path:
    """Return a configuration with the stores."""
    path = configured(folder)
    path.write_text(path.read_text() + STORES.format(folder=folder, url=url))
    return path


async def run(config: Path, source: str, to: str, *more: str) -> int:
    """Run the command in a thread, since it has a loop of its own."""
    words = ["deidentify", str(config), "--step", "anonymous", "--stores", source, to, *more]
    return await asyncio.to_thread(main, words)


async def get(url: str, accept: str) -> Any:
    """Return the JSON of an address."""
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as reply:
        return json.loads(await reply.read() or b"[]")


async def test_fhir(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Resources of several pages are read; those that are held back are counted and not written."""
    config = with_stores(tmp_path, url)
    async with aiohttp.ClientSession() as session:
        for number in range(5):
            path = f"{url}/fhirStores/clinic/fhir/Patient/p{number}"
            headers = {"Content-Type": "application/fhir+json"}
            async with session.put(path, data=patient(number), headers=headers) as reply:
                assert reply.status < 300
        elsewhere = patient(9).replace(b"urn:oid:1.2.3", b"urn:oid:9.9.9")
        path = f"{url}/fhirStores/clinic/fhir/Patient/p9"
        async with session.put(path, data=elsewhere, headers=headers) as reply:
            assert reply.status < 300
    assert await run(config, "clinic-records", "research-records", "--json") == 1
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert (report["items"], report["deidentified"], report["done_before"]) == (6, {"fhir": 5}, 0)
    assert [each["count"] for each in report["held_back"].values()] == [1]
    found = await get(f"{url}/fhirStores/research/fhir/Patient?_count=100", "application/fhir+json")
    assert found["total"] == 5
    for text in (json.dumps(found), printed.out, printed.err):
        assert not any(secret.decode() in text for secret in SECRETS)
    assert await run(config, "clinic-records", "research-records", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {**report, "done_before": 6}


async def test_dicom(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Instances are found by QIDO-RS, read by WADO-RS and written by STOW-RS."""
    config = with_stores(tmp_path, url)
    async with aiohttp.ClientSession() as session:
        for name in ("CT_small.dcm", "MR_small.dcm"):
            body = b"--X\r\nContent-Type: application/dicom\r\n\r\n" + shipped(name).read_bytes() + b"\r\n--X--\r\n"
            headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=X'}
            stow = f"{url}/dicomStores/clinic/dicomWeb/studies"
            async with session.post(stow, data=body, headers=headers) as reply:
                assert reply.status < 300
    assert await run(config, "clinic-images", "research-images") == 1
    printed = capsys.readouterr()
    assert "DICOM instances de-identified: 1" in printed.out
    assert "held back: 1: its image may show text" in printed.out
    found = await get(f"{url}/dicomStores/research/dicomWeb/instances?includefield=all", "application/dicom+json")
    assert len(found) == 1
    for text in (json.dumps(found), printed.out, printed.err):
        assert not any(secret.decode() in text for secret in SECRETS)
    assert await run(config, "clinic-images", "research-images") == 1
    assert "DICOM instances de-identified: 1" in capsys.readouterr().out
    assert list((tmp_path / "data" / "deidentify").glob("*/.hilum/partial")) == []


MISTAKES = {
    "no source": ("nothing", "research-images", "IN: nothing: there is no such destination"),
    "no destination": ("clinic-images", "nothing", "OUT: nothing: there is no such destination"),
    "cannot be read": ("messages", "research-images", "kind hl7v2_store cannot be read"),
    "another format": ("clinic-images", "research-records", "does not take what clinic-images holds"),
    "the same store": ("clinic-images", "clinic-images", "is the same store"),
}


@pytest.mark.parametrize(("source", "to", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(source: str, to: str, problem: str, tmp_path: Path) -> None:
    """Two stores of one format are needed."""
    config = load_part(with_stores(tmp_path, "http://127.0.0.1:1"), SendPart)
    with pytest.raises(ConfigError, match=problem):
        format_between(config, source, to)


def test_other_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A destination with other steps of its own is a mistake: they would be left out."""
    config = with_stores(tmp_path, "http://127.0.0.1:1")
    words = ["deidentify", str(config), "--step", "anonymous", "--stores", "clinic-records", "other-steps"]
    assert main(words) == 2
    assert "has other steps of its own (other)" in capsys.readouterr().err

"""Images with text through a whole gateway: they arrive without it, or nowhere."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from aiohttp import ClientSession
from PIL import Image, ImageDraw, ImageFont
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from adapters.deidentify import engines
from adapters.dimse.requesting.commands import send
from gateway.contract.sending import Address
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.test_steps import instances, parked
from tests.processes import serving
from tests.running import running_gateway

WORDS = "MUELLER, ANNA 04/11/1961"
TOP, BOTTOM = 20, 60


def text(store: str, folder: Path, acknowledge: str) -> str:
    """Return a configuration that covers text."""
    return f"""
listeners: {{in: {{kind: dimse, port: 0, acknowledge: {acknowledge}}}}}
destinations: {{research: {{kind: dicomweb, url: "{store}", via: [anonymous]}}}}
routes: [{{from: in, to: research}}]
steps:
  anonymous:
    kind: deidentify
    key_file: {folder}/research.key
    default_domain: hospital
    dicom: {{pixels: redact_all_text}}
domains: {{hospital: {{dicom: [HOSP]}}}}
admin: {{port: 0}}
data_dir: {folder}
"""


@pytest.fixture
def key(tmp_path: Path) -> None:
    """Write the key of the step."""
    (tmp_path / "research.key").write_text("5a" * 32)
    (tmp_path / "research.key").chmod(0o600)


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Write a secondary capture that shows a name and a date, and a grey square below."""
    image = Image.new("L", (400, 200))
    ImageDraw.Draw(image).text((30, 30), WORDS, fill=255, font=ImageFont.load_default(20))
    pixels = np.array(image)
    pixels[120:160, 100:140] = 90
    path = make_instance(tmp_path, 1, "1.2.3", "1.2.3.4", rows=1, columns=1)
    made = pydicom.dcmread(path)
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    made.Modality, made.Rows, made.Columns = "OT", *pixels.shape
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made["PixelData"].VR = "OB"
    made.PixelData = pixels.tobytes()
    made.save_as(path)
    return path


@pytest.mark.slow
@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("acknowledge", ["relay", "commit"])
async def test_text_is_covered(capture: Path, tmp_path: Path, acknowledge: str) -> None:
    """An image with text by C-STORE is stored without the text, and with all that is no text."""
    pytest.importorskip("rapidocr_onnxruntime")
    async with Sandbox(tmp_path / "stores") as sandbox:
        url = sandbox.dicom_web_url()
        async with running_gateway(text(url, tmp_path, acknowledge)) as running:
            address = Address("127.0.0.1", running.ports["in"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [capture])]
            (stored,) = await instances(url)
            after = await retrieved(url, stored)
    assert_covered(capture, after)
    assert ExplicitVRLittleEndian == after.file_meta.TransferSyntaxUID


@pytest.mark.slow
@pytest.mark.usefixtures("key")
async def test_program(capture: Path, tmp_path: Path) -> None:
    """`hilum serve`, which keeps numpy out of memory where nothing needs it, covers text as well."""
    pytest.importorskip("rapidocr_onnxruntime")
    async with Sandbox(tmp_path / "stores") as sandbox:
        url = sandbox.dicom_web_url()
        async with serving(tmp_path, text(url, tmp_path, "relay")) as (_, ports):
            address = Address("127.0.0.1", ports["in"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [capture])]
        (stored,) = await instances(url)
        assert_covered(capture, await retrieved(url, stored))


def assert_covered(before: Path, after: pydicom.FileDataset) -> None:
    """Check that the text is covered and all else is as it was."""
    was = pydicom.dcmread(before).pixel_array
    assert was[TOP:BOTTOM].max() == 255
    assert after.pixel_array[TOP:BOTTOM].max() == 0
    assert (was[BOTTOM:] == after.pixel_array[BOTTOM:]).all()


@pytest.mark.usefixtures("key")
async def test_parked_without_the_extra(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a detector the image is parked, and the reason says what to install."""
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    async with Sandbox(tmp_path / "stores") as sandbox:
        url = sandbox.dicom_web_url()
        configuration = text(url, tmp_path, "commit")
        (tmp_path / "hilum.yaml").write_text(configuration)  # for `hilum spool`
        async with running_gateway(configuration) as running:
            address = Address("127.0.0.1", running.ports["in"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [capture])]
            record = await parked(tmp_path)
            assert "the extra `ocr`" in record["reason"]
            async with ClientSession() as client, client.get(f"{url}/instances") as reply:
                assert b"" == (await reply.read()).strip(b"[] \n")


async def retrieved(url: str, stored: dict[str, dict[str, list[str]]]) -> pydicom.FileDataset:
    """Return an instance of the store."""
    study, series, uid = (stored[each]["Value"][0] for each in ("0020000D", "0020000E", "00080018"))
    accept = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    path = f"{url}/studies/{study}/series/{series}/instances/{uid}"
    async with ClientSession() as client, client.get(path, headers=accept) as reply:
        body = await reply.read()
    start = body.index(b"DICM") - 128
    return pydicom.dcmread(BytesIO(body[start : body.rindex(b"\r\n--")]))

"""docs/how-to/ask-my-images-in-sql.md, done as it is written, with the sandbox as the store."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID

from gateway.sandbox.server import Sandbox
from tests.adapters.tables.shapes import duckdb
from tests.dicom_files import make_instance
from tests.peers.programs import run
from tests.processes import serving

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "ask-my-images-in-sql.md").read_text()
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
QUERIES = re.findall(r"```sql\n(.*?)```\n.*?```\n(.*?)```", PAGE, re.DOTALL)
CARE = re.findall(r"hilum (tables hilum\.yaml \w+(?: dicom_metadata| index idc_index\.parquet)?)", PAGE)
IMAGES = [
    ("1.2.3.1", "CT", "P1", "Meier^Anna", "20260131", ["0.55", "0.55"], "CT of the head"),
    ("1.2.3.2", "CT", "P2", "Curie^Marie", "20260130", ["0.50", "0.50"], "CT of the head"),
    ("1.2.3.3", "CT", "P2", "Curie^Marie", "20260130", ["0.50", "0.50"], ""),
    ("1.2.3.4", "MR", "P3", "Roe^Jane", "20260129", ["0.8", "0.8"], ""),
    ("1.2.3.5", "MR", "P3", "Roe^Jane", "UNKNOWN", ["0.8", "0.8"], ""),
]


def make(folder: Path) -> None:
    """Write the images of the page."""
    for number, (uid, modality, patient, name, day, spacing, procedure) in enumerate(IMAGES):
        path = make_instance(folder, number, "1.2.3", "1.2.3.0")
        instance = dcmread(path)
        instance.SOPInstanceUID = instance.file_meta.MediaStorageSOPInstanceUID = UID(uid)
        instance.Modality, instance.PatientID, instance.PatientName = modality, patient, name
        instance.PixelSpacing = spacing
        instance.add_new(0x00080020, "DA", "20260101")
        if procedure:
            code = Dataset()
            code.CodeMeaning = procedure
            instance.ProcedureCodeSequence = [code]
        instance.save_as(path)
        path.write_bytes(path.read_bytes().replace(b"20260101", f"{day:8}".encode()))


async def hilum(*words: str | Path) -> str:
    """Run a command; return what it prints."""
    status, said = await run(sys.executable, "-m", "gateway", *words)
    assert status == 0, said
    return said


@pytest.mark.slow
async def test_page(tmp_path: Path) -> None:
    """Images that are sent can be asked for, and each query of the page is answered as the page says."""
    (tmp_path / "images").mkdir()
    make(tmp_path / "images")
    async with Sandbox(tmp_path / "sandbox") as sandbox:
        text = CONFIGURATION.replace("port: 11112", "port: 0").replace("/var/lib/hilum", str(tmp_path / "data"))
        text = re.sub(r"url: http\S+", f"url: {sandbox.dicom_web_url('images')}", text) + "admin: {port: 0}\n"
        config = tmp_path / "hilum.yaml"
        async with serving(tmp_path, text) as (_, ports):
            config.write_text(text)
            await hilum("send", "dicom", f"HILUM@127.0.0.1:{ports['modalities']}", tmp_path / "images")
            async with asyncio.timeout(60):
                while not (tmp_path / "data/tables/dicom_metadata").exists() or "5" not in await hilum(
                    "query", config, "SELECT count(*) FROM dicom_metadata", "--format", "csv"
                ):
                    await asyncio.sleep(0.2)
            for sql, answer in QUERIES:
                assert answer == await hilum("query", config, sql)
        paths = {each: tmp_path / each for each in ("hilum.yaml", "idc_index.parquet")}
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT 'CT' AS Modality) TO '{paths['idc_index.parquet']}' (FORMAT parquet)")
        for words in CARE:
            assert await hilum(*(paths.get(each, each) for each in words.split()))
    assert (4, 5) == (len(QUERIES), len(CARE))

"""Exports of DICOM stores."""

from pathlib import Path

import pytest

from gateway.sandbox.dicom.managing.exporting import read_type
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance, shipped, sop_instance_uid
from tests.gateway.sandbox.operations_client import DICOM, Api
from tests.gateway.sandbox.stow_client import Store


async def export(api: Api, **asked: object) -> object:
    """Export to ``gs://data/out``; return the counter."""
    mime_type = asked.pop("mimeType", None)
    destination = {"uriPrefix": "gs://data/out/", **({"mimeType": mime_type} if mime_type else {})}
    done = await api.run(f"{DICOM}:export", {"gcsDestination": destination, **asked})
    return done["metadata"]["counter"]


def written(api: Api) -> list[str]:
    """Return the names of the objects that were written."""
    out = api.bucket / "out"
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


async def test_files(api: Api, store: Store, tmp_path: Path) -> None:
    """Each instance is a file as it was stored, by study and series; another store imports the same."""
    files = [make_instance(tmp_path, number, "1.2", f"1.2.{number}").read_bytes() for number in (1, 2)]
    await store(*files)
    assert await export(api) == {"success": "2"}
    names = sorted(f"1.2/1.2.{number}/{sop_instance_uid(file)}.dcm" for number, file in enumerate(files, 1))
    assert written(api) == names
    assert {(api.bucket / "out" / name).read_bytes() for name in names} == set(files)
    other = DICOM.replace("/d/dicom", "/e/dicom")
    await api.run(f"{other}:import", {"gcsSource": {"uri": "gs://data/out/**.dcm"}})
    _, found = await api.ask("GET", f"{other}:getDICOMStoreMetrics")
    assert found["instanceCount"] == "2"


async def test_filter(api: Api, store: Store, tmp_path: Path) -> None:
    """Only what the filter names is exported, each once."""
    await store(*(make_instance(tmp_path, number, f"1.{number}", "1.9").read_bytes() for number in (1, 2)))
    api.put("filter", b"/studies/1.2\n/studies/1.2/series/1.9\n")
    assert await export(api, filterConfig={"resourcePathsGcsUri": "gs://data/filter"}) == {"success": "1"}
    assert [name.partition("/")[0] for name in written(api)] == ["1.2"]


async def test_images(api: Api, store: Store) -> None:
    """Frames become images; those of one instance with several have numbers; what has no pixels fails."""
    pytest.importorskip("PIL")
    pytest.importorskip("numpy")
    await store(shipped("CT_small.dcm").read_bytes(), shipped("examples_palette.dcm").read_bytes())
    assert await export(api, mimeType="image/png") == {"success": "2"}
    assert all((api.bucket / "out" / name).read_bytes().startswith(b"\x89PNG") for name in written(api))
    assert all(name.endswith(".png") for name in written(api))


async def test_other_syntax(api: Api, store: Store, tmp_path: Path) -> None:
    """An instance of another transfer syntax than the one that is asked for is a failure with its reason."""
    await store(make_instance(tmp_path, 1, "1.2", "1.3").read_bytes())
    asked = {"uriPrefix": "gs://data/out", "mimeType": "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50"}
    done = await api.run(f"{DICOM}:export", {"gcsDestination": asked})
    assert done["metadata"]["counter"] == {"failure": "1"}
    assert done["error"]["code"] == 3
    logs = done["metadata"]["logsUrl"]
    assert done["error"]["message"] == f"1 of 1 instances could not be exported; {logs} names each and why"
    (line,) = await api.log(done)
    assert line.startswith("/studies/1.2/series/1.3/instances/")
    assert line.endswith("it has another transfer syntax, and the sandbox does not transcode")


async def test_raw_frames(api: Api, store: Store, tmp_path: Path) -> None:
    """The octets of the pixels have no extension."""
    await store(make_instance(tmp_path, 7, "1.2", "1.3", rows=1, columns=2).read_bytes())
    assert await export(api, mimeType="application/octet-stream; transfer-syntax=*") == {"success": "1"}
    (name,) = written(api)
    assert (api.bucket / "out" / name).read_bytes() == b"\x07\x00\x07\x00"


def test_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what draws images, the request for them is refused, and not each of the instances."""
    monkeypatch.setattr("gateway.sandbox.dicom.pixels.rendering.find_spec", lambda _: None)
    with pytest.raises(ApiError, match="extra ocr"):
        read_type("image/jpeg")


def test_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types that the sandbox cannot write are refused."""
    monkeypatch.setattr("gateway.sandbox.dicom.pixels.rendering.find_spec", lambda _: True)
    assert read_type("") == ("application/dicom", "*")
    assert read_type('image/jpeg; transfer-syntax="1.2.840.10008.1.2.4.50"') == ("image/jpeg", "1.2.840.10008.1.2.4.50")
    for wrong in ("video/mp4", "application/octet-stream; transfer-syntax=1.2.3"):
        with pytest.raises(ApiError):
            read_type(wrong)

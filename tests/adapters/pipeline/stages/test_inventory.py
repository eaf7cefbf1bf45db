"""The inventory lists what a hospital has."""

from pathlib import Path

from adapters.objects.folder import Folder
from adapters.pipeline.settings import HospitalSettings
from adapters.pipeline.stages.inventory import listed, places


async def test_listed(tmp_path: Path) -> None:
    """Each object that the pattern means is listed with its version, size and time."""
    for name in ("dicom/1.dcm", "dicom/deep/2.dcm", "other/3.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    opened: list[str] = []

    def open_bucket(name: str) -> Folder:
        opened.append(name)
        return Folder(tmp_path)

    found = [each async for each in listed("north", "bucket:dicom/**.dcm", open_bucket)]
    assert [(each.hospital, each.key, each.size) for each in found] == [
        ("north", "dicom/1.dcm", 5),
        ("north", "dicom/deep/2.dcm", 5),
    ]
    assert all(each.version and each.modified.endswith("+00:00") for each in found)
    assert opened == ["bucket"]


def test_places() -> None:
    """A hospital without reports has images only."""
    assert places(HospitalSettings(images="a:**")) == {"image": "a:**"}

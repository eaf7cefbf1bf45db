"""A run over two small hospitals: what comes out, and that a second run, or one after a failure, changes nothing."""

import gzip
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.objects.folder import Folder
from adapters.pipeline.running import locked
from adapters.pipeline.work import Work
from gateway.contract.body import Buffer
from gateway.contract.errors import ConfigError
from gateway.contract.objects import Bucket
from tests.adapters.pipeline import small


def everything(work: Work, root: Path) -> dict[str, Any]:
    """Return the rows of all tables, and the files of the public side."""
    names = ("dicom_metadata", "reports", "final_table", "prod", "dead_letters")
    found: dict[str, Any] = {name: small.rows(work.settings.tables, name) for name in names}
    found["public_table"] = small.rows(root / "public" / "tables", "public_table")
    found["thumbs"] = {each.name: each.read_bytes() for each in (root / "thumbs").rglob("*.webp")}
    return found


def octets_of(folder: Path) -> bytes:
    """Return all octets below a folder, names among them."""
    return b"\n".join(
        str(each.relative_to(folder)).encode() + (each.read_bytes() if each.is_file() else b"")
        for each in sorted(folder.rglob("*"))
    )


def test_two_hospitals(tmp_path: Path) -> None:
    """Each image has a row with its cleaned report and a thumbnail; none of the public octets names a patient."""
    small.hospitals(tmp_path)
    work = small.work(tmp_path)
    summary = small.once(work)
    assert summary.is_good
    assert (summary.objects, summary.done, summary.has_written) == (10, 10, True)
    public = small.rows(tmp_path / "public" / "tables", "public_table", "Modality, BodyPartExamined, report")
    assert public == [
        *[("CT", "CHEST", "*** *** small nodule")] * 2,
        *[("CT", "CHEST", "*** has a clear chest,\nno effusion")] * 2,
        *[("CT", "CHEST", "Nodule of *** unchanged – größer")] * 2,  # noqa: RUF001  cp1252 has this dash
        *[("CT", "CHEST", None)] * 2,
    ]
    assert len(small.rows(work.settings.tables, "dicom_metadata")) == len(small.rows(work.settings.tables, "prod")) == 8
    for each in (tmp_path / "public", tmp_path / "thumbs"):
        octets = octets_of(each)
        assert octets
        assert not [name for name in small.PLANTED if name.encode() in octets]


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    """No file changes, not even its time."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    small.once(work)
    before = small.files(tmp_path)
    assert not [name for name in before if "unfinished/" in name or name.endswith(".new")]
    summary = small.once(work)
    assert (summary.done, summary.has_written) == (0, False)
    assert small.files(tmp_path) == before


def test_news(tmp_path: Path) -> None:
    """A new image, a corrected report and an image that is gone change what they are about."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    small.once(work)
    small.put(tmp_path, "north/dicom/1/2.dcm", gzip.compress(small.instance(1, 2)))
    small.put(tmp_path, "north/reports/2.csv", b"ACC_NO,REPORT_DATE,REPORT\nACC771,2020-04-01,Corrected: effusion\n")
    (tmp_path / "south" / "4" / "1.dcm").unlink()
    assert small.once(work).done == 2
    public = small.rows(tmp_path / "public" / "tables", "public_table", "report")
    assert public == [
        ("*** *** small nodule",),
        ("Corrected: effusion",),
        ("Corrected: effusion",),
        ("Nodule of *** unchanged – größer",),  # noqa: RUF001  likewise
    ]
    assert len(small.rows(work.settings.tables, "reports")) == 4, "the report that was corrected stays in the history"


def test_an_object_that_is_nothing(tmp_path: Path) -> None:
    """It is a dead letter of each stage, and the rest goes on."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/Zabriskie.dcm", b"noise" * 100)
    small.put(tmp_path, "south/cut.dcm", gzip.compress(small.instance(3, 9))[:-20])
    work = small.work(tmp_path, max_object_bytes=100_000)
    small.put(tmp_path, "south/large.dcm", b"x" * 100_001)
    small.once(work)
    dead = small.rows(work.settings.tables, "dead_letters", "object, stage, reason")
    assert [each[:2] for each in dead] == [
        (name, stage) for name in ("cut.dcm", "dicom/Zabriskie.dcm", "large.dcm") for stage in ("headers", "public")
    ]
    assert "gzipped" in dead[0][2]
    assert "max_object_bytes" in dead[4][2]
    assert len(small.rows(work.settings.tables, "prod")) == 4


class Failing(Folder):
    """A bucket that fails when a certain object is written or removed."""

    def __init__(self, root: Path, count: list[int]) -> None:
        super().__init__(root)
        self._count = count

    async def create(  # noqa: D102  the bucket's own
        self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False
    ) -> None:
        self._fail()
        await super().create(key, chunks, replace=replace)

    async def remove(self, key: str) -> None:  # noqa: D102  likewise
        self._fail()
        await super().remove(key)

    def _fail(self) -> None:
        self._count[0] -= 1
        if self._count[0] < 0:
            raise OSError(28, "No space left on device")


class FailingOpener(small.Opener):
    """Opens buckets of which the public ones fail after so many changes."""

    def __init__(self, root: Path, changes: int) -> None:
        super().__init__(root)
        self._count = [changes]

    def __call__(self, name: str) -> Bucket:
        """Return a bucket."""
        return Failing(self.root / name, self._count) if name in {"public", "thumbs"} else super().__call__(name)


def test_a_failure_between_the_sides(tmp_path: Path) -> None:
    """Wherever publishing ends, the next run ends with the same rows and files, and nothing else is left."""
    for name in ("whole", "cut"):
        small.hospitals(tmp_path / name, images=1)
    whole, cut = small.work(tmp_path / "whole"), small.work(tmp_path / "cut")
    small.once(whole)
    for changes in (0, 1, 3, 1):
        broken = Work(cut.settings, cut.step, cut.domains, cut.folder, FailingOpener(tmp_path / "cut", changes))
        with pytest.raises(OSError, match="No space left"):
            small.once(broken)
    small.once(cut)
    wanted, found = everything(whole, tmp_path / "whole"), everything(cut, tmp_path / "cut")
    for name in ("final_table", "prod", "public_table", "thumbs"):
        assert found[name] == wanted[name], name


def test_a_hospital_that_cannot_be_listed(tmp_path: Path) -> None:
    """What is known of it stays; the run says so and is not good."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    small.once(work)
    before = small.rows(tmp_path / "public" / "tables", "public_table")
    (tmp_path / "south").rename(tmp_path / "away")
    summary = small.once(work)
    assert not summary.is_good
    assert sorted(summary.unlisted) == ["pipeline.hospitals.south.images", "pipeline.hospitals.south.reports"]
    assert small.rows(tmp_path / "public" / "tables", "public_table") == before


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second run is refused while the first one works."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    with locked(work), pytest.raises(ConfigError, match="another run works there now"):
        small.once(work)


def test_another_key(tmp_path: Path) -> None:
    """Other settings of the step make all of the public side anew; nothing of the old one stays."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    small.once(work)
    before = {row[2] for row in small.rows(work.settings.tables, "prod", "*")}
    work.step.key_file.write_bytes(b"q" * 32)
    small.once(work)
    after = {row[2] for row in small.rows(work.settings.tables, "prod", "*")}
    assert before
    assert not before & after
    assert len([*(work.folder / "public").rglob("*.json")]) == 4

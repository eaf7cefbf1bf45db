"""A patient or a study is forgotten in everything that was made, on both sides, and does not come back."""

from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.forgetting import ask, settle
from adapters.pipeline.running import begun
from adapters.pipeline.work import Work
from gateway.contract.errors import ConfigError
from gateway.process.loop import run_loop
from tests.adapters.pipeline import small


async def asked(work: Work, hospital: str, uid: str, *, is_settled: bool = True) -> tuple[int, int]:
    """Ask to forget, and do it, but for the tables."""
    async with begun(work) as ledger:
        ask(work, ledger, hospital, uid)
        gone = settle(work, ledger, "1") if is_settled else None
    return (gone.images, gone.reports) if gone else (0, 0)


def left_of(root: Path, *texts: str) -> list[str]:
    """Return the files, but for those of the hospitals themselves, that have one of *texts*."""
    own = {root / "north", root / "south"}
    found = (each for each in root.rglob("*") if each.is_file() and not own & {*each.parents})
    return [str(each) for each in found if any(text.encode() in each.read_bytes() for text in texts)]


@pytest.mark.parametrize("uid", ["MRN-7711", "1.2.826.77.1", "1.2.826.77.1.1"])
def test_forget(tmp_path: Path, uid: str) -> None:
    """Neither images nor reports of the patient are left anywhere, not even in the ledger; others stay."""
    small.hospitals(tmp_path)
    work = small.work(tmp_path)
    small.once(work)
    assert left_of(tmp_path, "Zabriskie1", "MRN-7711")
    assert run_loop(asked(work, "north", uid)) == (2, 1)
    summary = small.once(work)
    assert summary.has_written
    assert not left_of(tmp_path, "Zabriskie1", "MRN-7711", "ACC771", "clear chest")
    assert len(small.rows(work.settings.tables, "prod")) == 6
    assert len(small.rows(tmp_path / "public" / "tables", "public_table")) == 6
    assert len([*(tmp_path / "thumbs").rglob("*.webp")]) == 6
    small.put(tmp_path, "north/dicom/again.dcm", small.instance(1, 1))
    small.put(tmp_path, "north/reports/again.csv", b"ACC_NO,REPORT_DATE,REPORT\nACC771,2020-04-01,clear chest\n")
    small.once(work)
    assert not left_of(tmp_path, "Zabriskie1", "MRN-7711", "ACC771", "clear chest")
    dead = small.rows(work.settings.tables, "dead_letters", "DISTINCT object, reason")
    assert [each[0] for each in dead] == [""], "its name may be that of the patient"


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """What was asked for is written down first, so the next run does it."""
    small.hospitals(tmp_path)
    work = small.work(tmp_path)
    small.once(work)
    run_loop(asked(work, "north", "MRN-7711", is_settled=False))
    small.once(work)
    assert not left_of(tmp_path, "Zabriskie1", "MRN-7711", "ACC771", "clear chest")


def test_the_same_number_in_another_hospital(tmp_path: Path) -> None:
    """It is another patient."""
    small.hospitals(tmp_path, images=1)
    work = small.work(tmp_path)
    small.once(work)
    assert run_loop(asked(work, "south", "MRN-7711")) == (0, 0)
    small.once(work)
    assert len(small.rows(work.settings.tables, "prod")) == 4


def test_no_such_hospital(tmp_path: Path) -> None:
    """It is told with those that there are."""
    with pytest.raises(ConfigError, match="there is no such hospital; there is north, south"):
        run_loop(asked(small.work(tmp_path), "west", "1"))

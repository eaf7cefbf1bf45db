"""What the results of a hospital say together."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("PIL", reason="the extra ocr is not installed")

from adapters.pipeline.dataset.hospital import HospitalData
from adapters.pipeline.ledger import Ledger
from adapters.pipeline.planning import Planned, plan_of
from adapters.pipeline.results import Results
from adapters.pipeline.running import LEDGER
from adapters.pipeline.stages.texts import Cleaner
from adapters.pipeline.work import Work
from tests.adapters.pipeline import small


def data_of(work: Work, basis: str = "b") -> HospitalData:
    """Return the results of the hospital north."""
    return HospitalData(plan_of_north(work), Results(work.folder), Cleaner(work), basis)


def plan_of_north(work: Work) -> list[Planned]:
    """Return what there is of the hospital."""
    with Ledger(work.folder / LEDGER) as ledger:
        return [each for each in plan_of(work, ledger, "1") if each.reference.hospital == "north"]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Return the work after one run, with one instance in two objects."""
    small.hospitals(tmp_path, images=1)
    small.put(tmp_path, "north/dicom/copy.dcm", small.instance(1, 1))
    found = small.work(tmp_path)
    small.once(found)
    return found


def test_images(work: Work) -> None:
    """Each instance is there once, with its header, its report and its pseudonyms."""
    data = data_of(work)
    (part,) = data.parts
    linked = [data.is_linked]
    images = data.images(part)
    assert [*linked, data.is_linked] == [False, True]
    assert len(images) == 2
    assert data.images(part) is images
    first = next(each for each in images if each.row["report"].endswith("no effusion"))
    assert first.metadata is not None
    assert first.metadata["PatientID"] == "MRN-7711"
    assert [row["accession"] for row in first.reports] == ["ACC771"]
    assert first.patient == f"north {first.row['PatientID']}"
    assert first.reference.key == "dicom/copy.dcm", "the object that the bucket took last"


def test_names_of_parts(work: Work, tmp_path: Path) -> None:
    """A part has another name with other settings, and with another report in the hospital."""
    name = data_of(work).parts[0].name
    assert name == data_of(work).parts[0].name
    assert name != data_of(work, "c").parts[0].name
    small.put(tmp_path, "north/reports/2.csv", b"ACC_NO,REPORT_DATE,REPORT\nACC779,2020-04-01,nobody\n")
    small.once(work)
    assert name != data_of(work).parts[0].name


def test_files_that_are_gone(work: Work, tmp_path: Path) -> None:
    """Their reports are nobody's any more; what a newer version of a file has replaced is history."""
    path = tmp_path / "north" / "reports" / "1.csv"
    path.write_bytes(b"ACC_NO,REPORT_DATE,REPORT\nACC771,2020-04-01,newer\n")
    small.once(work)

    def texts() -> set[Any]:
        return {row["text"] for row in data_of(work).reports}

    assert len(texts()) == 3
    path.unlink()
    small.put(tmp_path, "north/reports/other.csv", b"ACC_NO,REPORT_DATE,REPORT\nACC771,2020-04-01,other\n")
    small.once(work)
    assert texts() == {"other"}

"""Images, their reports and their thumbnails become one row each, by certain links only."""

from collections.abc import Mapping
from typing import Any

from adapters.pipeline.contract import Reference, Row
from adapters.pipeline.linking import StudyKey
from adapters.pipeline.stages.final import Cleaned, Hospital, final_rows


def reference(name: str) -> Reference:
    """Return an object of the hospital."""
    return Reference("north", name, "1", 5)


def image(study: str, accession: str, patient: str = "P1") -> Row:
    """Return a row of ``dicom_metadata``."""
    return {"Hospital": "north", "StudyInstanceUID": study, "AccessionNumber": accession, "PatientID": patient}


def report(name: str, accession: str, **more: Any) -> Row:
    """Return a row of ``reports``."""
    base = {
        "hospital": "north",
        "report_id": name,
        "object": "r.csv",
        "version": "1",
        "modified": "2026-01-01T00:00:00+00:00",
        "row": int(name[1:]),
        "line": 1,
        "accession": accession,
        "study": "",
        "patient": "",
        "status": "",
        "report_date": None,
        "report_time": None,
        "text": f"the text of {name}",
    }
    return {**base, **more}


IMAGES: Mapping[Reference, Row] = {
    reference("1"): image("1.1", "A1"),
    reference("2"): image("1.1", "A1"),
    reference("3"): image("1.2", "A2"),
    reference("4"): image("1.3", "A3"),
    reference("5"): image("1.4", "A3"),
}
PUBLIC = [(each, {"SOPInstanceUID": f"2.25.{each.key}"}) for each in IMAGES]


def test_rows() -> None:
    """Both images of a study have its report; one without a report, and one whose report is doubtful, have none."""
    asked: list[StudyKey] = []

    def clean(row: Row, study: StudyKey) -> Cleaned:
        asked.append(study)
        return Cleaned(f"{row['text']} ***", "2025-12-01")

    hospital = Hospital(IMAGES, [report("r1", "A1"), report("r2", "A3"), report("r3", "A9")], clean)
    rows = list(final_rows(PUBLIC, hospital))
    assert [each.get("report") for each in rows] == ["the text of r1 ***"] * 2 + [None] * 3
    assert [each["report_state"] for each in rows] == ["linked"] * 2 + ["none"] * 3
    assert rows[0]["report_date"] == "2025-12-01"
    assert asked == [("north", "1.1")]
    counts = hospital.links.counts()
    assert counts["linked"] == 1
    assert counts["several studies have its accession number"] == 1


def test_a_report_that_cannot_be_cleaned() -> None:
    """Its text does not go on; the row says why, and the image does go on."""
    hospital = Hospital(IMAGES, [report("r1", "A1")], lambda *_: Cleaned("secret", reason="it is too long"))
    (row, *_) = final_rows(PUBLIC, hospital)
    assert row == {"SOPInstanceUID": "2.25.1", "report_state": "held back: it is too long"}


def test_an_image_without_a_row_of_its_own() -> None:
    """An image whose header could not be read on the identified side has no report: nothing says whose it is."""
    hospital = Hospital({}, [report("r1", "A1")], lambda *_: Cleaned("x"))
    assert all(each["report_state"] == "none" for each in final_rows(PUBLIC, hospital))

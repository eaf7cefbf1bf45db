"""What the log of an operation says."""

from gateway.sandbox.operations.log import Log

OPERATION = {
    "name": "projects/p/locations/l/datasets/d/operations/1",
    "metadata": {
        "apiMethodName": "google.cloud.healthcare.v1.dicom.DicomService.ImportDicomData",
        "createTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-01-01T00:00:05Z",
        "counter": {"success": "3", "failure": "2"},
    },
    "done": True,
    "response": {},
}
FAILED = [("gs://b/<x>.dcm", "it is no DICOM file"), ("gs://b/y.dcm", "it is truncated")]


def test_a_line_for_each_file() -> None:
    """Each file that failed is a line with its reason; then nothing is told twice."""
    told = {"failures": {"it is no DICOM file": 1, "it is truncated": 1}}
    lines = Log(OPERATION, told, FAILED).as_text().splitlines()
    assert lines[0].endswith("operations/1: ImportDicomData, done")
    assert lines[2:] == [
        "success 3, failure 2",
        "gs://b/<x>.dcm: it is no DICOM file",
        "gs://b/y.dcm: it is truncated",
    ]


def test_counts_and_report() -> None:
    """Where the log does not name the places, it has the number for each reason, and what else is to be told."""
    text = Log(OPERATION, {"failures": {"too big": 2}, "report": ["stricter"]}, []).as_text()
    assert text.splitlines()[3:] == ["2 times: too big", "stricter"]


def test_html_and_json() -> None:
    """In HTML names are escaped; in JSON a program finds place and reason."""
    log = Log(OPERATION, {}, FAILED)
    assert "gs://b/&lt;x&gt;.dcm" in log.as_html()
    assert "<x>" not in log.as_html()
    assert log.as_json()["failed"][1] == {"place": "gs://b/y.dcm", "reason": "it is truncated"}


def test_states() -> None:
    """A log says whether its operation is in progress or has ended with an error."""
    begun = {**OPERATION, "done": False, "metadata": {**OPERATION["metadata"], "counter": {}}}  # type: ignore[dict-item]
    assert "in progress" in Log(begun, {}, []).as_text()
    assert "nothing was counted" in Log(begun, {}, []).as_text()
    failed = {**OPERATION, "error": {"code": 1, "message": "the operation was cancelled"}}
    assert "ended with an error: the operation was cancelled" in Log(failed, {}, []).as_text()

"""The front page as HTML."""

from gateway.sandbox.overview.page import page_of

STORE = "projects/p/locations/l/datasets/<d>/dicomStores/images"
NOTHING = {"hl7V2Stores": [], "dicomStores": [], "fhirStores": [], "operations": [], "reasons": []}  # type: ignore[var-annotated]


def operation(**result: object) -> dict[str, object]:
    """Return an operation that has ended."""
    metadata = {
        "apiMethodName": "google.cloud.healthcare.v1.dicom.DicomService.ImportDicomData",
        "createTime": "2026-11-30T10:55:24.123Z",
        "counter": {"success": "2", "failure": "1"},
    }
    return {"name": "projects/p/locations/l/datasets/d/operations/7", "done": True, "metadata": metadata, **result}


def test_counts() -> None:
    """What a store has is told with its nouns; one of something is not plural."""
    store = {"name": STORE, "studies": 1, "series": 1, "instances": 1200, "bytes": 1_500_000, "latest": []}
    page = page_of({**NOTHING, "dicomStores": [store]}, "http://h", [])
    assert "1 study, 1 series, 1,200 instances, 1.5 MB" in page
    assert "<code>projects/p/locations/l/datasets/&lt;d&gt;</code>" in page


def test_operation() -> None:
    """An operation is shown with what it counted, how it ended, and why most of its files failed."""
    reasons = [
        {"operation": "7", "reason": "it is <no> DICOM", "count": 2},
        {"operation": "8", "reason": "b", "count": 1},
    ]
    ended = operation(error={"code": 3, "message": "1 of 3 files: logsUrl names it"})
    page = page_of({**NOTHING, "operations": [ended], "reasons": reasons}, "http://h", [])
    assert "2 succeeded, 1 failed" in page
    assert '<span class="chip stop">ended with an error</span>' in page
    assert "<p>1 of 3 files: logsUrl names it</p><p>2 times: it is &lt;no&gt; DICOM</p>" in page
    assert "2026-11-30 10:55:24 UTC" in page
    assert '<span class="chip ok">done</span>' in page_of({**NOTHING, "operations": [operation()]}, "http://h", [])


def test_empty() -> None:
    """A sandbox without stores says so, and has no list of operations."""
    page = page_of(NOTHING, "http://h", [])
    assert "Nothing has been stored yet." in page
    assert "Latest operations" not in page

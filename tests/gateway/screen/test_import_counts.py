"""Reasons become sorts: those that the importer, buckets and steps give are known, all others are the store's."""

from pathlib import Path

import pytest

from gateway.cli.importing import importing, parts, sources, verdicts
from gateway.cli.importing.ledger import Entry, Ledger
from gateway.screen.import_counts import count_imports, sort_of
from gateway.telemetry.import_metrics import ImportCount


@pytest.mark.parametrize(
    ("reason", "sort"),
    [
        (parts.UNKNOWN, "content"),
        ("it is empty", "content"),
        ("DICOM: the file is not whole", "content"),
        (str(sources.ChangedError()), "bucket"),
        ("the server of the bucket cannot be reached", "bucket"),
        ("there is no object with this key", "bucket"),
        (importing.NOT_TAKEN.format("HL7v2"), "format"),
        (verdicts.SEVERAL.format(2, 3, "the gzip file is damaged"), "content"),
        ("step clean: it may not leave", "step"),
        ("the store failed to store the instance", "destination"),
        ("Doe, Jane is not welcome", "destination"),
    ],
)
def test_sorts(reason: str, sort: str) -> None:
    """Whatever a store says, it becomes no label."""
    assert sort_of(reason) == sort


def test_counts(tmp_path: Path) -> None:
    """Each ledger counts for its destination; a file that is none counts nothing."""
    with Ledger(tmp_path / "import" / "north-images-0123456789ab.ledger") as ledger:
        ledger.put("/DOE/1", Entry("1", 10, "", "stored", "", 3))
        ledger.put("/DOE/2", Entry("1", 10, "", "stored", "", 1))
        ledger.put("/DOE/3", Entry("1", 20, "", "refused", "it is empty"))
        ledger.put("/DOE/4", Entry("1", 20, "", "skipped", "it is there"))
    (tmp_path / "import" / "x-0.ledger").write_bytes(b"no database" * 100)
    assert sorted(count_imports(tmp_path), key=lambda each: each.state) == [
        ImportCount("north-images", "refused", "content", 1, 0),
        ImportCount("north-images", "skipped", "", 1, 0),
        ImportCount("north-images", "stored", "", 2, 4),
    ]
    assert [*count_imports(tmp_path / "absent")] == []

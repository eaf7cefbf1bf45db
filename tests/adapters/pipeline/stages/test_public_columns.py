"""The columns of the public table have the types of PS3.6."""

from adapters.pipeline.stages.public_columns import column_problems, public_columns


def test_columns() -> None:
    """In the order of the settings, and the thumbnail at the end."""
    found = public_columns(["StudyDate", "ImageType", "report", "report_date", "hospital"])
    assert [(each.name, each.type, each.mode) for each in found] == [
        ("StudyDate", "DATE", "NULLABLE"),
        ("ImageType", "STRING", "REPEATED"),
        ("report", "STRING", "NULLABLE"),
        ("report_date", "DATE", "NULLABLE"),
        ("hospital", "STRING", "NULLABLE"),
        ("thumbnail", "STRING", "NULLABLE"),
    ]


def test_problems() -> None:
    """A name that PS3.6 does not have, pixels and sequences are told."""
    assert list(column_problems(["Modality", "report"])) == []
    (unknown, pixels, sequence) = column_problems(["Modalty", "PixelData", "RequestAttributesSequence"])
    assert "Modalty is no attribute" in unknown
    assert "PixelData is no attribute" in pixels
    assert "is a sequence" in sequence

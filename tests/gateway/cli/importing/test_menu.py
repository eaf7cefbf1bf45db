"""The options of import and export."""

from gateway.cli.main import build_parser


def test_import() -> None:
    """Google's way with conflicts is the default."""
    found = build_parser().parse_args(["import", "c.yaml", "north/**", "images", "--concurrency", "3"])
    assert (found.source, found.destination, found.on_conflict, found.concurrency) == ("north/**", "images", "skip", 3)
    assert (found.patience, found.content_structure, found.again, found.json) == (300.0, None, False, False)


def test_export() -> None:
    """FHIR is written a resource on each line."""
    found = build_parser().parse_args(["export", "c.yaml", "records", "south/x", "--json"])
    assert (found.source, found.bucket, found.content_structure, found.json) == ("records", "south/x", "RESOURCE", True)

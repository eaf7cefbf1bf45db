"""Where the configuration in force comes from."""

from pathlib import Path

from gateway.config.origin import Origin, read_origin


def test_places(tmp_path: Path) -> None:
    """The file and the place of each value are known."""
    path = tmp_path / "hilum.yaml"
    path.write_text("admin:\n  port: 0\n")
    origin = read_origin(path)
    assert (str(path), (2, 9)) == (origin.file, origin.document.place("admin.port"))


def test_gone(tmp_path: Path) -> None:
    """A file that has gone, or was broken, since it was read does not keep the gateway from starting."""
    path = tmp_path / "hilum.yaml"
    assert Origin(str(path)) == read_origin(path)
    path.write_text("admin: [")
    assert Origin(str(path)) == read_origin(path)

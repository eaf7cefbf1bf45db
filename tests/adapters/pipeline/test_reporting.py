"""Reports are written durably, and only where they have changed."""

from pathlib import Path

from adapters.pipeline.reporting import Reports


def test_write(tmp_path: Path) -> None:
    """The same report leaves the file as it is; another one replaces it; none is empty."""
    reports = Reports(tmp_path)
    assert reports.read("a.json") == b""
    reports.write("a.json", b"1")
    path = tmp_path / "report" / "a.json"
    before = path.stat().st_mtime_ns
    reports.write("a.json", b"1")
    assert path.stat().st_mtime_ns == before
    reports.write("a.json", b"2")
    assert reports.read("a.json") == b"2"
    assert path.stat().st_mode & 0o077 == 0


def test_tidy(tmp_path: Path) -> None:
    """What a killed run has left unfinished goes."""
    reports = Reports(tmp_path)
    reports.write("a.json", b"1")
    (tmp_path / "report" / ".a.json.new").write_bytes(b"half")
    reports.tidy()
    assert [each.name for each in (tmp_path / "report").iterdir()] == ["a.json"]

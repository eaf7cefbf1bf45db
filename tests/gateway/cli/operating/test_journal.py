"""``hilum journal``: what became of messages, on the command line."""

import json
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.cli.operating import journal
from gateway.journal import search
from gateway.journal.folder import folder_of, segments_in
from tests.gateway.journal.rows_for_tests import row, written


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Path:
    path = tmp_path / "hilum.yaml"
    path.write_text(
        "listeners: {in: {kind: mllp, port: 0}}\n"
        'destinations: {out: {kind: http, url: "http://127.0.0.1:1/", token: "${SECRET}"}}\n'
        "routes: [{from: in, to: out}]\n"
        f"data_dir: {tmp_path}\n"
    )
    return path


def test_lines(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest rows come first, and how to go on; secrets of other parts of the configuration are not needed."""
    written(folder_of(config.parent), [row(number) for number in range(3)])
    assert 0 == main(["journal", str(config), "--limit", "2"])
    captured = capsys.readouterr()
    assert ["C2", "C1"] == [line.split()[2] for line in captured.out.splitlines()[1:]]
    assert captured.err.startswith("hilum: searched back to 2027-01-15T08:00:01.000Z; continue with --before ")
    place = captured.err.split()[-1]
    assert 0 == main(["journal", str(config), "--before", place, "--json"])
    captured = capsys.readouterr()
    assert ["C0"] == [json.loads(line)["key"] for line in captured.out.splitlines()]
    assert "" == captured.err


def test_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found is status 1; no journal, and a mistake, are status 2 with what to do."""
    assert 2 == main(["journal", str(config)])
    assert "there is no journal; no gateway with this data_dir" in capsys.readouterr().err
    written(folder_of(config.parent), [row(1)])
    assert 1 == main(["journal", str(config), "--id", "other"])
    assert "hilum: nothing was found\n" == capsys.readouterr().err
    assert 2 == main(["journal", str(config), "--since", "soon"])
    assert "since: 'soon' is not a time" in capsys.readouterr().err


def test_unreadable(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that this user may not read is said to be so, and a damaged file is named."""
    folder_of(config.parent).touch()
    assert 2 == main(["journal", str(config)])
    assert "the journal cannot be read: Not a directory; run this as the user of hilum serve" in capsys.readouterr().err
    folder_of(config.parent).unlink()
    written(folder_of(config.parent), [row(1)])
    (segment,) = segments_in(folder_of(config.parent))
    segment.path.write_bytes(b"no database" * 999)
    assert 1 == main(["journal", str(config)])
    assert f"not searched: {segment.path.name}" in capsys.readouterr().err


@pytest.mark.parametrize(("patience", "status"), [(60.0, 0), (-1.0, 1)])
def test_long_search(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, patience: float, status: int
) -> None:
    """A search goes on for as long as a person waits, and says then how far back it has looked."""
    written(folder_of(config.parent), [row(number, 1.8e9 + number * 100) for number in range(30)])
    monkeypatch.setattr(journal, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(journal, "search", lambda folder, query: search.search(folder, query, -1.0))
    assert status == main(["journal", str(config), "--id", "C0"])
    captured = capsys.readouterr()
    assert (status == 0) == ("C0" in captured.out)
    assert (status == 1) == ("searched back to 2027-01-15T08:4" in captured.err)

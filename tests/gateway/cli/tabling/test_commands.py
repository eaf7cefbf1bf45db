"""``hilum tables`` and ``hilum query`` over the tables of a configuration."""

import io
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from adapters.tables.contract import Tables
from gateway.cli.main import main
from gateway.cli.spool_operator import operator_name
from tests.adapters.tables.shapes import THINGS, VALUES, duckdb, thing


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a configuration whose table has rows; its store needs a variable that is not there."""
    tables = Tables(tmp_path / "data" / "tables")
    tables.create("things", THINGS, {"rows": "things"})
    with tables.writer("things") as table:
        table.append([thing("a", 1, 1), thing("b", 2, 1)])
    other = Tables(tmp_path / "elsewhere")
    other.create("more", VALUES)
    path = tmp_path / "hilum.yaml"
    path.write_text(
        f"data_dir: {tmp_path / 'data'}\n"
        "destinations:\n"
        "  store: {kind: http, url: '${NOT_THERE}'}\n"
        "  metadata: {kind: table, table: things}\n"
        f"  others: {{kind: table, table: more, folder: {other.folder}}}\n"
    )
    return path


def test_query(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer comes as a table, CSV or JSON."""
    sql = "SELECT id, value FROM things ORDER BY id"
    assert 0 == main(["query", str(config), sql])
    assert "id  value\n--  -----\na   1\nb   2\n" == capsys.readouterr().out
    assert 0 == main(["query", str(config), sql, "--format", "csv"])
    assert "id,value\r\na,1\r\nb,2\r\n" == capsys.readouterr().out.replace("\r\n", "\n").replace("\n", "\r\n")
    assert 0 == main(["query", str(config), sql, "--format", "json", "--most", "1"])
    shown = capsys.readouterr()
    assert {"id": "a", "value": 1} == json.loads(shown.out)
    assert "only the first 1 rows" in shown.err


def test_tables_of_the_pipeline(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of its identified side have a schema of their own beside other tables, and none if there are no others."""
    folder = config.parent / "identified"
    Tables(folder).create("prod", VALUES)
    section = (
        "pipeline:\n"
        "  hospitals: {north: {images: 'north:**'}}\n"
        "  via: anonymous\n"
        f"  tables: {folder}\n"
        "  public: {tables: 'public:', thumbnails: 'thumbs:', columns: [Modality]}\n"
    )
    config.write_text(config.read_text() + section)
    assert 0 == main(["query", str(config), "SELECT count(*) AS n FROM pipeline.prod", "--format", "json"])
    config.write_text(f"data_dir: {config.parent / 'nothing'}\n{section}")
    assert 0 == main(["query", str(config), "SELECT count(*) AS n FROM prod", "--format", "json"])
    assert '{"n": 0}\n' * 2 == capsys.readouterr().out


def test_from_stdin(config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A query may come from stdin, and may name another folder by its destination."""
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT count(*) AS n FROM others.more"))
    assert 0 == main(["query", str(config), "-", "--format", "json"])
    assert '{"n": 0}\n' == capsys.readouterr().out


@pytest.mark.parametrize("sql", ["SELECT * FROM read_text('/etc/passwd')", "DROP VIEW things", "SELECT * FROM nothing"])
def test_refused(config: Path, capsys: pytest.CaptureFixture[str], sql: str) -> None:
    """What cannot be answered is told."""
    assert 1 == main(["query", str(config), sql])
    shown = capsys.readouterr()
    assert ("", True) == (shown.out, shown.err.startswith("hilum: "))


def test_tables(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables are listed, described, compacted and verified."""
    assert 0 == main(["tables", str(config), "list"])
    listed = capsys.readouterr().out.splitlines()
    assert ["things", "others.more"] == [line.split()[0] for line in listed[2:]]
    assert 0 == main(["tables", str(config), "schema", "things"])
    assert "id" == json.loads(capsys.readouterr().out)[0]["name"]
    assert 0 == main(["tables", str(config), "compact", "things"])
    assert 0 == main(["tables", str(config), "verify"])
    assert "things: undamaged\nothers.more: undamaged\n" == capsys.readouterr().out.partition("rows\n")[2]


def test_damage(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Damage is told, and a table that is not there."""
    next((config.parent / "data" / "tables" / "things" / "segments").iterdir()).unlink()
    assert 1 == main(["tables", str(config), "verify", "things"])
    assert "is missing; restore it" in capsys.readouterr().out
    assert 1 == main(["tables", str(config), "schema", "nothing"])
    assert "there is no table 'nothing'" in capsys.readouterr().err


def test_no_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any table the command says what makes one."""
    (tmp_path / "hilum.yaml").write_text(f"data_dir: {tmp_path}\n")
    assert 2 == main(["query", str(tmp_path / "hilum.yaml"), "SELECT 1"])
    assert "no table has any row yet" in capsys.readouterr().err


def audited(config: Path, trail: Path) -> Path:
    """Add an audit trail to the configuration."""
    config.write_text(f"{config.read_text()}audit: {{file: {trail}}}\n")
    return config


def test_audit(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who asked which tables is an event; neither the query nor a value is in it."""
    trail = tmp_path / "trail"
    audited(config, trail)
    assert 0 == main(["query", str(config), "SELECT value FROM things WHERE id = 'CANARY' OR value = 1"])
    assert 1 == main(["query", str(config), "SELECT CANARY FROM others.more"])
    events = [json.loads(line) for line in trail.read_text().splitlines()]
    ended = [(each["EventIdentification"]["EventOutcomeIndicator"], _tables_in(each)) for each in events]
    assert [("0", "things"), ("8", "others.more")] == ended
    assert {"Query"} == {each["EventIdentification"]["EventID"]["originalText"] for each in events}
    assert operator_name() in json.dumps(events[0])
    assert "CANARY" not in trail.read_text()
    assert "value" in capsys.readouterr().out


def _tables_in(event: dict[str, Any]) -> str:
    (detail,) = event["ParticipantObjectIdentification"][0]["ParticipantObjectDetail"]
    return b64decode(detail["value"]).decode()


def test_not_audited(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is shown unless the event is written."""
    (tmp_path / "trail").mkdir()
    assert main(["query", str(audited(config, tmp_path / "trail" / "file")), "SELECT id FROM things"]) == 0
    (tmp_path / "trail" / "file").unlink()
    (tmp_path / "trail" / "file").symlink_to("/dev/full")
    capsys.readouterr()
    assert 0 != main(["query", str(config), "SELECT id FROM things"])
    assert not capsys.readouterr().out


def test_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parquet files of others become a table, which is made with their columns; what is wrong is told by name."""
    config, file = tmp_path / "hilum.yaml", tmp_path / "index.parquet"
    config.write_text(f"data_dir: {tmp_path / 'data'}\n")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'CT' AS Modality, 3 AS n FROM range(2)) TO '{file}' (FORMAT parquet)")
    for _ in range(2):
        assert 0 == main(["tables", str(config), "load", "index", str(file)])
    assert "index: 2 rows added\n" * 2 == capsys.readouterr().out
    assert 0 == main(["query", str(config), "SELECT Modality, sum(n) AS n FROM index GROUP BY 1", "--format", "json"])
    assert {"Modality": "CT", "n": 12} == json.loads(capsys.readouterr().out)
    assert 1 == main(["tables", str(config), "load", "index", str(tmp_path / "nothing.parquet")])
    assert "nothing.parquet: there is no such file" in capsys.readouterr().err
    assert 1 == main(["tables", str(config), "load", "index", str(config)])
    assert "a file is not Parquet" in capsys.readouterr().err
    assert 2 == main(["tables", str(config), "load", "index"])

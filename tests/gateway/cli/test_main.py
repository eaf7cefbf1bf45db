"""The command line, as an operator sees it."""

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.spool import Plan, open_spool
from gateway.spool.database.schema import VERSION
from tests.gateway.spool.spools import SETTINGS, commit
from tests.running import relay

GOOD = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')


def test_check_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A right configuration exits 0."""
    path = tmp_path / "hilum.yaml"
    path.write_text(GOOD)
    assert 0 == main(["check", str(path)])
    assert "no mistakes" in capsys.readouterr().out


def test_check_tells_what_to_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A valid configuration with notices exits 0 and prints them."""
    path = tmp_path / "hilum.yaml"
    path.write_text(GOOD.replace("mllp,", "mllp, acknowledge: commit, spread: connection,") + "workers: 2\n")
    assert 0 == main(["check", str(path)])
    first, last = capsys.readouterr().out.splitlines()
    assert "notice: listeners.in.spread: with `workers` above 1" in first
    assert "may be delivered twice" in first
    assert "no mistakes" in last


async def test_check_tells_what_nobody_delivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A destination that was renamed while messages wait is named, with their number and what moves them."""
    path = tmp_path / "hilum.yaml"
    path.write_text(f"{GOOD}data_dir: {tmp_path}\n")
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, plan=Plan(("gone",)))
        assert 0 == await asyncio.to_thread(main, ["check", str(path)])
    first, last = capsys.readouterr().out.splitlines()
    assert "notice: destinations.gone: is not configured, so nobody delivers the messages that wait for it: 1;" in first
    assert "`hilum spool move CONFIG --from gone --to NAME`" in first
    assert "no mistakes" in last


def test_bad_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistake is a line on stderr, and the exit status is 2."""
    path = tmp_path / "hilum.yaml"
    path.write_text(GOOD.replace("to: out", "to: nowhere").replace("drain_seconds", "drain_second"))
    assert 2 == main(["check", str(path)])
    assert [
        f"hilum: {path}:4:25: routes[0].to: there is no destination 'nowhere'; there is out",
        f"hilum: {path}:6:1: drain_second: is not a known key; did you mean `drain_seconds`?",
    ] == capsys.readouterr().err.splitlines()


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The schema is JSON and knows the contract's keys."""
    assert 0 == main(["schema"])
    schema = json.loads(capsys.readouterr().out)
    contract = {"listeners", "destinations", "routes", "admin", "data_dir", "drain_seconds", "spool", "workers"}
    observed = {"journal", "peers", "silence"}
    others = {"audit", "buckets", "domains", "max_in_flight_bytes", "pipeline", "steps", "worker_hang_seconds"}
    assert contract | observed | others == set(schema["properties"])


@pytest.mark.parametrize("address", ["localhost", "localhost:0", "localhost:99999", "a:b:1"])
def test_bad_address(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid address ends with exit status 2 and a text with the expected form."""
    with pytest.raises(SystemExit) as caught:
        main(["send", "hl7", address, "file"])
    assert 2 == caught.value.code
    assert "is not HOST:PORT" in capsys.readouterr().err


def test_check_reads_the_files_of_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that a step reads from a file is read by ``hilum check`` already."""
    path = tmp_path / "hilum.yaml"
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"').replace(
        "to: out", "via: [ward], to: out"
    )
    path.write_text(f"{text}steps: {{ward: {{kind: edit_hl7v2, map: {{PV1-2: {{file: {tmp_path}/absent.csv}}}}}}}}\n")
    assert 2 == main(["check", str(path)])
    assert capsys.readouterr().err.startswith(f"hilum: {path}:7:54: steps.ward.map.PV1-2.file: ")


@pytest.fixture
def unhardened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a command that runs in the process of the tests from changing its umask."""
    monkeypatch.setattr("gateway.cli.commands.harden_process", lambda: None)


@pytest.mark.usefixtures("unhardened")
def test_sandbox_on_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason of the system is a sentence, which names the option."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert 2 == main(["sandbox", "--port", str(port), "--data", str(tmp_path)])
    said = capsys.readouterr().err
    assert said.startswith(f"hilum: sandbox: cannot start on port {port}: another program has this port already;")
    assert said.endswith("or change --port\n")


@pytest.mark.usefixtures("unhardened")
def test_sandbox_in_a_folder_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be created is not reported as a port that cannot be bound."""
    (tmp_path / "file").touch()
    assert 2 == main(["sandbox", "--port", "0", "--data", str(tmp_path / "file" / "stores")])
    assert "cannot be used: Not a directory; name a folder with --data that you may write to" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve"], ["spool", "status"], ["spool", "verify"]])
async def test_roll_back(tmp_path: Path, command: list[str]) -> None:
    """A spool of the next version is refused with its path and both versions, and stays as it is."""
    path = tmp_path / "hilum.yaml"
    path.write_text(f"{GOOD.replace('mllp,', 'mllp, acknowledge: commit,')}data_dir: {tmp_path}\n")
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool)
    (database,) = tmp_path.glob("spool/*/spool.db")
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(f"CREATE TABLE next (x); PRAGMA user_version = {VERSION + 1}")
    words = [sys.executable, "-m", "gateway", *command, str(path)]
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False, timeout=120)
    line = f"{database}: the spool was written by a newer Hilum: its tables have version {VERSION + 1}, and this Hilum "
    assert (1 if command == ["serve"] else 2, True) == (
        done.returncode,
        f"{line}knows version {VERSION} and older ones" in done.stdout + done.stderr,
    )
    with closing(sqlite3.connect(database)) as connection:
        assert (VERSION + 1,) == connection.execute("PRAGMA user_version").fetchone()

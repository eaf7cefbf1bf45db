"""``hilum pipeline``: each action, what it prints and how it ends."""

import base64
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.cli.pipelining import command
from gateway.contract.pipeline import RunFacts
from tests.gateway.cli.pipelining.pipelines import Asked, configuration


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return the pipeline that the command opens."""
    found = Asked()
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: found)
    return found


def test_run(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The counts are printed, and the audit trail knows that something went to the public side."""
    assert main(["pipeline", configuration(tmp_path), "run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "objects: 7; worked on now: 7; dead letters now: 2",
        "tables and public side: changed",
        "hilum pipeline CONFIG report names each object that gave no row, and the reason",
    ]
    assert asked.asked == ["run local"]
    assert '"originalText":"Export"' in (tmp_path / "audit.log").read_text()


def test_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that changes nothing is no export."""
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Asked(RunFacts(7, 0, 0)))
    assert main(["pipeline", configuration(tmp_path), "run", "--json"]) == 0
    assert "Export" not in (tmp_path / "audit.log").read_text()


def test_not_everything_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then the command ends with 1 and says what and why."""
    facts = RunFacts(7, 5, 0, {"the bucket: it is away": 2}, {"pipeline.hospitals.north.images": "it is away"})
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Asked(facts))
    assert main(["pipeline", configuration(tmp_path), "run"]) == 1
    out = capsys.readouterr().out
    assert "not read now: 2, the bucket: it is away" in out
    assert "pipeline.hospitals.north.images: cannot be listed: it is away" in out


def test_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be done is a line on stderr, and an export that was not done in the audit trail."""
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Asked(problem="a bucket: it is full"))
    assert main(["pipeline", configuration(tmp_path), "run"]) == 1
    assert capsys.readouterr().err == "hilum: a bucket: it is full\n"
    assert "not everything was moved" in (tmp_path / "audit.log").read_text()


def test_status_report_retry(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each prints what the pipeline says; a name of an object cannot move the cursor of a terminal."""
    config = configuration(tmp_path)
    assert main(["pipeline", config, "status"]) == 0
    assert "5 made, 1 dead, 2 missing" in capsys.readouterr().out
    assert main(["pipeline", config, "report"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "gate before prod: 1 held back: text was found" in out
    assert main(["pipeline", config, "report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["linking"] == {"north": {"linked": 2}}
    assert main(["pipeline", config, "retry", "--driver", "beam"]) == 0
    assert asked.asked == ["status", "report", "report", "retry", "run beam"]


def test_forget(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit trail says that it was done, and not for whom."""
    assert main(["pipeline", configuration(tmp_path), "forget", "north", "MRN-7711"]) == 0
    assert "nothing had this UID or number" in capsys.readouterr().out
    assert asked.asked == ["forget north MRN-7711"]
    trail = (tmp_path / "audit.log").read_text()
    assert base64.b64encode(b"forgot a patient, study or instance of north").decode() in trail
    assert "MRN-7711" not in trail


@pytest.mark.parametrize("words", [["forget"], ["forget", "north"], ["run", "north"], ["status", "a", "b"]])
def test_wrong_words(asked: Asked, tmp_path: Path, words: list[str]) -> None:
    """Only `forget` needs words, and two of them."""
    assert main(["pipeline", configuration(tmp_path), *words]) == 2
    assert asked.asked == []


def test_sides_that_share_something(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command refuses such a configuration as `hilum check` does, with the place in the file."""
    assert main(["pipeline", configuration(tmp_path, "north:public/"), "run"]) == 2
    assert "pipeline.public.tables: is in the bucket 'north'" in capsys.readouterr().err
    assert asked.asked == []


def test_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs again and again until a signal comes, and then ends well."""
    runs = threading.Semaphore(0)

    class Counted(Asked):
        def _ask(self, what: str) -> None:
            super()._ask(what)
            runs.release()

    def stop() -> None:
        runs.acquire()
        runs.acquire()
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Counted(RunFacts(7, 0, 0)))
    thread = threading.Thread(target=stop)
    thread.start()
    assert main(["pipeline", configuration(tmp_path), "run", "--watch"]) == 0
    thread.join()

"""``hilum query --public`` asks the pipeline, by SQL or by words."""

from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.cli.pipelining import command
from tests.gateway.cli.pipelining.pipelines import Asked, configuration


def test_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One more row than is shown is asked for, to know whether there are more."""
    found = Asked()
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: found)
    config = configuration(tmp_path)
    assert main(["query", config, "SELECT 1", "--public", "--most", "5", "--format", "csv"]) == 0
    assert main(["query", config, "--public", "--search", "small nodule", "--format", "csv"]) == 0
    assert found.asked == ["query SELECT 1 6", "search small nodule None"]
    assert capsys.readouterr().out.split() == ["n", "1", "n", "2"]


def test_words_are_for_the_public_side(tmp_path: Path) -> None:
    """Other tables have no reports that could be searched for words."""
    assert main(["query", configuration(tmp_path), "--search", "small nodule"]) == 2


def test_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be answered is a line on stderr."""
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Asked(problem="there is no public table yet"))
    assert main(["query", configuration(tmp_path), "SELECT 1", "--public"]) == 1
    assert capsys.readouterr().err == "hilum: there is no public table yet\n"

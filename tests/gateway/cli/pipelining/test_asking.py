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


@pytest.mark.parametrize("words", [["--public"], ["SELECT 1", "--public", "--search", "x"], ["--search", "x"], []])
def test_wrong_words(tmp_path: Path, words: list[str]) -> None:
    """One of both is needed, and words are for the public side."""
    assert main(["query", configuration(tmp_path), *words]) == 2


def test_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be answered is a line on stderr."""
    monkeypatch.setattr(command, "OPEN_PIPELINE", lambda _: Asked(problem="there is no public table yet"))
    assert main(["query", configuration(tmp_path), "SELECT 1", "--public"]) == 1
    assert capsys.readouterr().err == "hilum: there is no public table yet\n"

"""The words of ``hilum spool``."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import spool_care, spool_commands, spool_decisions, spool_export
from gateway.cli.spool_commands import Run
from gateway.cli.spool_menu import add_spool


def command(menu: Any, name: str, run: Run, text: str) -> ArgumentParser:
    """Add a command as the command line does."""
    parser: ArgumentParser = menu.add_parser(name, help=text)
    parser.set_defaults(run=run)
    return parser


def parse(*words: str) -> Namespace:
    """Parse the words after ``hilum``."""
    parser = ArgumentParser()
    add_spool(parser.add_subparsers(), command)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "run"),
    [
        (["status", "c.yaml"], spool_commands.status),
        (["list", "c.yaml", "--state", "parked", "--limit", "5", "--json"], spool_commands.list_entries),
        (["show", "c.yaml", "a-1-1", "--payload"], spool_commands.show),
        (
            ["list", "c.yaml", "--control-id", "C1", "--sop-instance-uid", "1.2", "--newest"],
            spool_commands.list_entries,
        ),
        (["retry", "c.yaml", "a-1-1", "a-2-1"], spool_decisions.retry),
        (["retry", "c.yaml", "--all", "--reason-like", "refused", "--dry-run"], spool_decisions.retry),
        (["discard", "c.yaml", "--all", "--reason", "a test", "--yes"], spool_decisions.discard),
        (["move", "c.yaml", "a-1-1", "--from", "a", "--to", "b", "--state", "parked"], spool_decisions.move),
        (["export", "c.yaml", "a-1-1", "out.hl7"], spool_export.export),
        (["export", "c.yaml", "--into", "folder", "--destination", "a"], spool_export.export),
        (["verify", "c.yaml"], spool_care.verify),
        (["repair", "c.yaml"], spool_care.repair),
        (["repair", "c.yaml", "a", "b"], spool_care.repair),
        (["backup", "c.yaml", "folder"], spool_care.backup),
        (["accept", "c.yaml"], spool_care.accept),
    ],
)
def test_commands(words: list[str], run: Run) -> None:
    """Each command takes the configuration first."""
    options = parse("spool", *words)
    assert (run, Path("c.yaml")) == (options.run.load(), options.config)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "ACTION"),
        (["discard", "c.yaml", "--all"], "--reason"),
        (["show", "c.yaml"], "ID"),
    ],
)
def test_missing_words(words: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is named, and the exit status is 2."""
    with pytest.raises(SystemExit) as caught:
        parse("spool", *words)
    assert (2, True) == (caught.value.code, problem in capsys.readouterr().err.splitlines()[-1])


@pytest.mark.parametrize("word", ["--reason", "--reason-like"])
def test_reasons(word: str) -> None:
    """To list, a reason is what an entry has; to discard, it is what the operator gives."""
    assert "refused" == parse("spool", "list", "c.yaml", word, "refused").reason_like
    options = parse("spool", "discard", "c.yaml", "--reason", "a test", "--reason-like", "refused")
    assert ("a test", "refused") == (options.reason, options.reason_like)

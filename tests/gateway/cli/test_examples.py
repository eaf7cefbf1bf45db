"""What stands at the end of `--help`."""

import argparse
import shlex
from collections.abc import Iterator

import pytest

from gateway.cli.examples import ENDINGS, epilog_of
from gateway.cli.later import Later
from gateway.cli.main import build_parser

EXAMPLES = [example for ending in ENDINGS.values() for example in ending.examples]


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parser of every command."""
    menus = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for menu in menus:
        for below in menu.choices.values():
            yield below
            yield from commands(below)


def test_every_command_has_examples() -> None:
    """The help of every command ends with examples and exit codes; no examples are without a command."""
    parsers = list(commands(build_parser()))
    assert sorted(ENDINGS) == sorted(each.prog.removeprefix("hilum ") for each in parsers)
    assert all("\nexamples:\n  hilum " in each.format_help() or "source <(" in each.format_help() for each in parsers)


def test_every_command_exists() -> None:
    """What the command line names can be imported, command by command."""
    runs = [run for each in commands(build_parser()) if (run := each.get_default("run")) is not None]
    assert all(isinstance(run, Later) and callable(run.load()) for run in runs)


def test_help_shows_them() -> None:
    """`--help` ends with the examples and the exit codes of its command."""
    (serve,) = (each for each in commands(build_parser()) if each.prog == "hilum serve")
    assert serve.format_help().endswith(f"\n{epilog_of('hilum serve')}\n")
    assert "  3  ended; some connections had to be aborted" in epilog_of("hilum serve")


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_right(example: str) -> None:
    """Every example is a command that the command line takes."""
    words = shlex.split(example.removeprefix("source <(").replace(")", " "), comments=True)
    for end in (">", "|"):
        words = words[: words.index(end)] if end in words else words
    assert ("hilum", True) == (words[0], callable(build_parser().parse_args(words[1:]).run))

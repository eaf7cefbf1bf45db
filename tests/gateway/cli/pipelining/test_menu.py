"""The words of ``hilum pipeline``."""

import pytest

from gateway.cli.main import build_parser
from gateway.cli.pipelining.menu import DRIVERS as WORDS
from gateway.contract.pipeline import DRIVERS


def test_words() -> None:
    """A configuration, an action, and with `forget` a hospital and a UID."""
    options = build_parser().parse_args(["pipeline", "x.yaml", "forget", "north", "1.2"])
    assert (options.action, options.what, options.driver, options.watch) == ("forget", ["north", "1.2"], "local", False)
    assert WORDS == DRIVERS


def test_mistakes() -> None:
    """Another action, and another driver, are refused."""
    for words in (["pipeline", "x.yaml", "start"], ["pipeline", "x.yaml", "run", "--driver", "spark"]):
        with pytest.raises(SystemExit):
            build_parser().parse_args(words)

"""The options of ``hilum journal``."""

import pytest

from gateway.cli.main import build_parser
from gateway.journal.asking import WORDS


def test_options() -> None:
    """Every word that may be asked for is an option."""
    options = build_parser().parse_args(["journal", "hilum.yaml", "--uid-prefix", "1.2", "--json"])
    assert set(WORDS) <= vars(options).keys()
    assert ("1.2", True, None) == (options.uid_prefix, options.json, options.id)


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Its help says what a peer is, and has examples."""
    with pytest.raises(SystemExit):
        build_parser().parse_args(["journal", "--help"])
    shown = capsys.readouterr().out
    assert "MSH-3|MSH-4" in shown
    assert "hilum journal /etc/hilum/hilum.yaml --id MSG00001" in shown

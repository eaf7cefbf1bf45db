"""The parsers of the commands for the person on call."""

import pytest

from gateway.cli.main import build_parser


def test_defaults() -> None:
    """What is not given has its default."""
    top = build_parser().parse_args(["top", "hilum.yaml"])
    assert (2.0, None, None) == (top.seconds, top.token_file, top.ca_file)
    status = build_parser().parse_args(["status", "hilum.yaml"])
    assert not status.json
    explain = build_parser().parse_args(["explain", "hilum.yaml", "--message", "C1"])
    assert (None, "C1", None) == (explain.peer, explain.message, explain.destination)


@pytest.mark.parametrize("seconds", ["0", "-1", "x"])
def test_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The pause between two looks is a positive number."""
    with pytest.raises(SystemExit):
        build_parser().parse_args(["top", "hilum.yaml", "--seconds", seconds])
    assert "--seconds" in capsys.readouterr().err

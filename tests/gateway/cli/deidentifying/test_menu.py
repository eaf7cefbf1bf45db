"""Both commands are in the menu, with their examples and exit codes."""

import pytest

from gateway.cli.main import build_parser, main


@pytest.mark.parametrize("command", ["deidentify", "reidentify"])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help has examples and exit codes."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"hilum {command} /etc/hilum/hilum.yaml --step anonymous" in text
    assert "exit codes:" in text


def test_needed() -> None:
    """No pseudonym is turned back without a reason."""
    with pytest.raises(SystemExit):
        build_parser().parse_args(["reidentify", "hilum.yaml", "--step", "a", "X"])
    options = build_parser().parse_args(["deidentify", "c", "--step", "a", "in", "out", "--processes", "2"])
    assert (options.processes, options.json, options.names, options.stores) == (2, False, None, False)

"""Ports on the command line."""

import pytest

from gateway.cli.main import main
from gateway.cli.ports import port


@pytest.mark.parametrize("text", ["99999", "-1", "65536", "x", "", "1e3", "٣", "1" * 5000])
def test_no_port(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid port ends with exit status 2 and a text with the expected form."""
    with pytest.raises(SystemExit) as caught:
        main(["sandbox", f"--port={text}"])
    assert 2 == caught.value.code
    assert "is not a TCP port; write a number from 0 (a free one) to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("number", [0, 8090, 65535])
def test_port(number: int) -> None:
    """A port is a number."""
    assert number == port(str(number))

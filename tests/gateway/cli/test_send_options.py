"""The options of the sending commands."""

import argparse
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.cli.send_options import add_dicom_options, add_options, ae_title, options_of
from gateway.contract.errors import ConfigError
from gateway.contract.sending import Progress, SendOptions
from tests.certificates import Authority


def tell(_: Progress) -> None:
    """Watch nothing."""


def read(*words: str) -> SendOptions:
    """Return what an adapter is told by *words* on the command line."""
    parser = argparse.ArgumentParser()
    add_options(parser, default=60)
    add_dicom_options(parser)
    return options_of(parser.parse_args(words), tell)


def test_defaults() -> None:
    """Without an option TLS is not spoken, and we are HILUM."""
    assert SendOptions(60, None, "HILUM", 131072, tell) == read()


def test_given() -> None:
    """What is given is what the adapter is told."""
    options = read("--timeout", "2.5", "--calling-aet", "CT 1", "--max-pdu", "16384")
    assert SendOptions(2.5, None, "CT 1", 16384, tell) == options


WRONG = {
    "time": (("--timeout", "0"), "'0' is not a number of seconds above 0 and up to 86400"),
    "time without end": (("--timeout", "inf"), "'inf' is not a number of seconds above 0 and up to 86400"),
    "no number": (("--timeout", "soon"), "'soon' is not a number of seconds above 0 and up to 86400"),
    "long title": (("--calling-aet", "SEVENTEEN_LETTERS"), "not an AE title: 1 to 16 ASCII characters, no backslash"),
    "blank title": (("--calling-aet", " "), "not an AE title: 1 to 16 ASCII characters, no backslash"),
    "title with a backslash": (("--calling-aet", "A\\B"), "not an AE title: 1 to 16 ASCII characters, no backslash"),
    "no server name": (("--tls-server-name", ""), "'' is not the name of a host or an IP address"),
    "half a server name": (("--tls-server-name", ".example"), "'.example' is not the name of a host or an IP address"),
    "small PDU": (("--max-pdu", "100"), "'100' is not a number of octets from 4096 to 131072"),
    "large PDU": (("--max-pdu", "9" * 40), "is not a number of octets from 4096 to 131072"),
}


@pytest.mark.parametrize(("words", "text"), WRONG.values(), ids=WRONG)
def test_wrong(words: tuple[str, str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid value ends with exit status 2 and a text with the expected form."""
    with pytest.raises(SystemExit) as caught:
        read(*words)
    assert 2 == caught.value.code
    assert text in capsys.readouterr().err


def test_title() -> None:
    """An AE title may have blanks inside."""
    assert "CT 1" == ae_title("CT 1")


def test_tls(tmp_path: Path) -> None:
    """Any option of TLS turns it on; its files are read."""
    authority = Authority(tmp_path)
    pair = authority.issue("client")
    words = ("--tls-certificate-file", str(pair.certificate), "--tls-key-file", str(pair.key))
    tls = read("--tls-ca-file", str(authority.certificate), "--tls-server-name", "pacs.ward.example", *words).tls
    assert tls is not None
    assert ("pacs.ward.example", 1) == (tls.server_name, len(tls.context.get_ca_certs()))


def test_tls_with_the_authorities_of_the_system() -> None:
    """TLS alone trusts the system's CAs."""
    tls = read("--tls").tls
    assert tls is not None
    assert tls.server_name is None


def test_a_certificate_without_its_key(tmp_path: Path) -> None:
    """Certificate and key belong together."""
    with pytest.raises(ConfigError, match="--tls-certificate-file and --tls-key-file belong together"):
        read("--tls-certificate-file", str(tmp_path / "absent.pem"))


def test_a_file_that_is_absent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is named by its option, and the exit status is 2."""
    absent = str(tmp_path / "absent.pem")
    assert 2 == main(["echo", "A@127.0.0.1:1", "--tls-ca-file", absent])
    assert capsys.readouterr().err.startswith(f"hilum: --tls-ca-file: {absent} cannot be read: ")

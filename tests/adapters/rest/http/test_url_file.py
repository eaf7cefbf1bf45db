"""The address of an endpoint out of a file."""

from pathlib import Path

import pytest

from adapters.rest.http.url_file import ELSEWHERE, UrlFile
from adapters.rest.settings import HttpSettings
from gateway.contract.errors import ConfigError
from gateway.contract.outcome import Unavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a file with an address."""
    path = tmp_path / "url"
    path.write_text("https://f.example/hl7?code=first\n")
    return path


def url_file(path: Path, **settings: object) -> UrlFile:
    """Return the address that *path* holds."""
    return UrlFile("out", HttpSettings.model_validate({"kind": "http", "url_file": str(path), **settings}), path)


def test_read_again(path: Path) -> None:
    """The next request after a change has the new query."""
    file = url_file(path)
    assert "https://f.example/hl7?code=first" == file.first == file.current()
    path.write_text("https://f.example/hl7?code=another")
    assert "https://f.example/hl7?code=another" == file.current()
    path.unlink()
    assert Unavailable("the file of url_file cannot be read") == file.current()


@pytest.mark.parametrize("other", ["https://evil.example/hl7", "https://f.example:8443/hl7", "https://f.example.evil/"])
def test_another_host(path: Path, other: str) -> None:
    """A change of the file while Hilum runs cannot send messages and secrets to another host."""
    file = url_file(path)
    path.write_text(other)
    assert ELSEWHERE == file.current()


BAD = {
    "nothing": ("", "is empty"),
    "no address": ("geheim", "no address"),
    "capitals": ("HTTPS://f.example/?a=geheim", "no address"),
    "two lines": ("https://f.example/?a=geheim\nhttps://f.example", "no address"),
    "credentials": ("https://u:geheim@f.example/", "no address"),
    "in the clear": ("http://f.example/?code=geheim", "others can read its query"),
}


@pytest.mark.parametrize(("content", "complaint"), BAD.values(), ids=BAD)
def test_at_the_start(path: Path, content: str, complaint: str) -> None:
    """An unusable address prevents the start; the reason repeats nothing of it."""
    path.write_text(content)
    with pytest.raises(ConfigError, match=complaint) as error:
        url_file(path)
    assert "geheim" not in str(error.value)
    assert "destinations.out.url_file" in str(error.value)


def test_missing(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        url_file(tmp_path / "none")


def test_in_the_clear(path: Path) -> None:
    """What the operator allows, and what stays on this machine, is used."""
    path.write_text("http://f.example/?a=b")
    assert "http://f.example/?a=b" == url_file(path, allow_cleartext=True).current()
    path.write_text("http://127.0.0.1:1/?a=b")
    assert "http://127.0.0.1:1/?a=b" == url_file(path).current()


def test_tls_without_effect(path: Path) -> None:
    """TLS settings for an address without TLS are a mistake here, too."""
    path.write_text("http://127.0.0.1:1/?a=b")
    with pytest.raises(ConfigError, match="no effect"):
        url_file(path, tls={"ca_file": "/run/ca"})

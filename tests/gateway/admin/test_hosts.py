"""The Host header of the admin port."""

import pytest

from gateway.admin.hosts import NO_NAME, Hosts, read_host

HEADERS = {
    "localhost": True,
    "localhost:8080": True,
    "LocalHost:8080": True,
    "localhost.": True,
    "127.0.0.1:8080": True,
    "10.1.2.3": True,
    "[::1]:8080": True,
    "[fd00::1]": True,
    "hilum.ward.example": True,
    "HILUM.ward.example:443": True,
    "evil.example": False,
    "localhost.evil.example": False,
    "127.0.0.1.evil.example": False,
    "evil.example:8080": False,
    "ward.example": False,
    "": False,
    "[::1": False,
    "user@localhost.evil.example": False,
    "localhost, evil.example": False,
}


@pytest.mark.parametrize(("header", "known"), HEADERS.items(), ids=HEADERS)
def test_names(header: str, known: bool) -> None:
    """The gateway's own names and IP addresses are known; other names that resolve to it are not."""
    assert known == Hosts(["hilum.ward.example"]).knows(header)


@pytest.mark.parametrize("text", ["hilum.ward.example", "Hilum.Ward.Example", "hilum.ward.example."])
def test_configured(text: str) -> None:
    """However a name is written in the configuration, it is the one that a browser sends."""
    assert Hosts([read_host(text)]).knows("hilum.ward.example:8443")


@pytest.mark.parametrize(
    "text", ["hilum.example:8443", "https://hilum.example", "hilum.example/", "*.example", "", "a b"]
)
def test_no_name(text: str) -> None:
    """An entry that no Host header can match is refused with the remedy."""
    with pytest.raises(ValueError, match="; ") as caught:
        read_host(text)
    assert f"{text!r} {NO_NAME}" == str(caught.value)

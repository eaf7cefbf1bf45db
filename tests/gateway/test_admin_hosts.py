"""By which names the admin port may be addressed."""

import pytest

from gateway.admin_hosts import Hosts

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
    """Its own names and IP addresses are known, whatever else resolves to it is not."""
    assert known == Hosts(["hilum.ward.example"]).knows(header)

"""Whether other machines can reach an address."""

import pytest

from gateway.contract.addresses import is_loopback

HOSTS = {
    "127.0.0.1": True,
    "127.8.0.1": True,
    "::1": True,
    "localhost": True,
    "0.0.0.0": False,
    "::": False,
    "10.0.0.1": False,
    "localhost.hospital.example": False,
    "": False,
}


@pytest.mark.parametrize(("host", "expected"), HOSTS.items())
def test_is_loopback(host: str, expected: bool) -> None:
    """Only an address that is certainly this machine's own counts."""
    assert expected is is_loopback(host)

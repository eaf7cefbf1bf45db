"""Addresses of what `hilum init` offers."""

import pytest

from gateway.cli.store_choices import DICOM_STORES, HL7_STORES, RESULT_RECEIVERS, mllp_lines, url_lines

ADDRESSES: dict[str, tuple[str, str, bool]] = {
    "mllp://lab.example:2575": ('"lab.example"', "2575", False),
    "mllps://lab.example:2575/": ('"lab.example"', "2575", True),
    "mllp://[2001:db8::1]:2575": ('"2001:db8::1"', "2575", False),
    "mllp://${LAB_HOST}:${LAB_PORT}": ('"${LAB_HOST}"', "${LAB_PORT}", False),
}
"""Host, port, and whether TLS is on."""


@pytest.mark.parametrize(("address", "expected"), ADDRESSES.items())
def test_mllp(address: str, expected: tuple[str, str, bool]) -> None:
    """An address of MLLP has a host, a port, and TLS or not."""
    host, port, tls = mllp_lines(address)
    assert expected == (host.removeprefix("host: "), port.removeprefix("port: "), tls.startswith("tls: {}"))


@pytest.mark.parametrize(
    "address", ["", "lab:2575", "mllp://lab", "http://lab:2575", "mllp://lab:2575/x", "mllp://::1:2575"]
)
def test_no_mllp(address: str) -> None:
    """Anything else is none."""
    with pytest.raises(ValueError, match="is no address such as mllp://"):
        mllp_lines(address)


def test_url() -> None:
    """A URL is written with quotation marks."""
    assert ('url: "https://store.example/"',) == url_lines("https://store.example/")


def test_examples() -> None:
    """Each offer has an address that is written in its own form."""
    for store in (*HL7_STORES.values(), *DICOM_STORES.values(), *RESULT_RECEIVERS.values()):
        assert store.address(store.url)

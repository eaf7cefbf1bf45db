"""Addresses, and which adapter sends."""

import argparse

import pytest

from gateway.cli.send import application_entity, echoer, host_and_port, sender
from gateway.contract.sending import Address
from gateway.kinds import KINDS

ADDRESSES = {
    "a name": ("gateway:2575", Address("gateway", 2575)),
    "IPv4": ("127.0.0.1:2575", Address("127.0.0.1", 2575)),
    "IPv6": ("[::1]:2575", Address("::1", 2575)),
}


@pytest.mark.parametrize(("text", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_host_and_port(text: str, expected: Address) -> None:
    """An address is a host and a port."""
    assert expected == host_and_port(text)


def test_application_entity() -> None:
    """A DICOM address has the AE title in front."""
    assert Address("127.0.0.1", 11112, "HILUM") == application_entity("HILUM@127.0.0.1:11112")


@pytest.mark.parametrize("text", ["127.0.0.1:11112", "@127.0.0.1:11112", "SEVENTEEN_LETTERS@127.0.0.1:11112"])
def test_bad_application_entity(text: str) -> None:
    """An AE title has 1 to 16 characters."""
    with pytest.raises(argparse.ArgumentTypeError):
        application_entity(text)


def test_senders() -> None:
    """What sends to a listener is what its kind has for it."""
    assert [KINDS.listeners[each].send for each in ("mllp", "dimse")] == [sender("mllp"), sender("dimse")]
    assert KINDS.listeners["dimse"].echo == echoer("dimse")

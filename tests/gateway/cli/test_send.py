"""Addresses, and what the sending commands print."""

import argparse
from collections.abc import AsyncIterator

import pytest

from gateway.cli.send import application_entity, host_and_port, print_answers
from gateway.contract.sending import Address, Answered

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


async def each_of(*answers: Answered) -> AsyncIterator[Answered]:
    """Yield *answers*."""
    for answer in answers:
        yield answer


async def test_print_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """Each answer is a line; only all positive, and at least one, is success."""
    good, bad = Answered("a.hl7", "C1", "AA", positive=True), Answered("b.hl7", "C2", "AE", positive=False)
    assert [True, False, False] == [await print_answers(each_of(*answers)) for answers in ([good], [good, bad], [])]
    assert "AA     C1  a.hl7" == capsys.readouterr().out.splitlines()[0]


async def test_print_answers_of_odd_peers(capsys: pytest.CaptureFixture[str]) -> None:
    """What a peer or a file says is shown, and not obeyed by the terminal."""
    await print_answers(each_of(Answered("a\n.hl7", "C1\x1b[2J", "\x9b2J", positive=True)))
    assert r"\x9b2J C1\x1b[2J  a\n.hl7" + "\n" == capsys.readouterr().out

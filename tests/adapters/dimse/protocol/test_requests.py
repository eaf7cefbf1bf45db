"""Requests of our own side, and what answers them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.command import CommandField, Response
from adapters.dimse.protocol.events import Fragment
from adapters.dimse.protocol.requests import Ask, Data, Requests
from gateway.contract.errors import LocalProtocolError
from tests.adapters.dimse.raw_peer import CT, command_of, command_set

STORE = Ask(3, CommandField.C_STORE_RQ, CT, "1.2.3", has_data_set=True)
WITHOUT_DATA = Ask(3, CommandField.C_STORE_RQ, CT, "1.2.3")
CONTEXTS = (1, 3)
ECHO = Ask(1, CommandField.C_ECHO_RQ, "1.2.840.10008.1.1")


def fragment(octets: bytes, *, is_command: bool = True, is_last: bool = True) -> Fragment:
    """Return a fragment of an answer."""
    return Fragment(3, is_command, is_last, memoryview(octets))


def answer(message_id: int, status: int = 0, data_set_type: int = 0x101, command: int = 0x8001) -> bytes:
    """Return the command set of a response, by default a C-STORE-RSP."""
    return command_set(e0100=command, e0120=message_id, e0800=data_set_type, e0900=status)


def statuses(taken: list[Response | Fragment] | None) -> list[int | None]:
    """Return the statuses of the responses."""
    return [each.status for each in taken or [] if isinstance(each, Response)]


def test_message_ids_are_counted() -> None:
    """Each request has an ID of its own."""
    requests = Requests(contexts=CONTEXTS)
    for number in (1, 2, 3):
        assert number == command_of(requests.ask(ECHO)).MessageID
        assert [0] == statuses(requests.take(fragment(answer(number, command=0x8030))))


def test_one_at_a_time() -> None:
    """A second request before the answer to the first is our own fault."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(ECHO)
    with pytest.raises(LocalProtocolError):
        requests.ask(ECHO)


def test_no_request_in_the_middle_of_a_data_set() -> None:
    """The data set is sent completely, even if the peer answers early."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(STORE)
    requests.data(Data(b"ab", is_end=False))
    assert [0xA700] == statuses(requests.take(fragment(answer(1, 0xA700))))
    with pytest.raises(LocalProtocolError):
        requests.ask(ECHO)
    requests.data(Data(b"cd", is_end=True))
    assert not requests.is_open


def test_success_in_the_middle_of_a_data_set() -> None:
    """A peer that has not got the whole instance cannot have stored it."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(STORE)
    requests.data(Data(b"ab", is_end=False))
    assert requests.take(fragment(answer(1))) is None


def test_response_to_another_command() -> None:
    """A C-ECHO-RSP, or a request, with the ID of our C-STORE-RQ is no answer to it."""
    for command in (0x8030, 0x0001):
        requests = Requests(contexts=CONTEXTS)
        requests.ask(STORE)
        requests.data(Data(b"ab", is_end=True))
        assert requests.take(fragment(answer(1, command=command))) is None


def test_data_without_a_request() -> None:
    """There is no data set without a request that announces it."""
    requests = Requests(contexts=CONTEXTS)
    with pytest.raises(LocalProtocolError):
        requests.data(Data(b"", is_end=True))


ODD: dict[str, tuple[bytes, list[int | None] | None]] = {
    "of another request": (answer(9), []),
    "no command set": (b"??", None),
    "without a status": (command_set(e0100=0x8001, e0120=1, e0800=0x101), None),
    "without the ID of a request": (command_set(e0100=0x8001, e0800=0x101, e0900=0), None),
    "a status": (answer(1, 0xB000), [0xB000]),
}


@pytest.mark.parametrize(("octets", "expected"), ODD.values(), ids=ODD)
def test_what_is_an_answer(octets: bytes, expected: list[int | None] | None) -> None:
    """A response to another request is skipped; a command set that is no response ends the association."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(WITHOUT_DATA)
    taken = requests.take(fragment(octets))
    assert expected == (None if taken is None else statuses(taken))


def test_a_command_set_without_end() -> None:
    """What is held of a peer is bounded."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(WITHOUT_DATA)
    assert [] == requests.take(fragment(bytes(65000), is_last=False))
    assert requests.take(fragment(bytes(65000), is_last=False)) is None


def test_several_responses() -> None:
    """A pending response is followed by its data set and the next response; the final one ends the request."""
    requests = Requests(contexts=CONTEXTS)
    requests.ask(WITHOUT_DATA)
    piece = fragment(b"identifier", is_command=False)
    assert [0xFF00] == statuses(requests.take(fragment(answer(1, 0xFF00, 1))))
    assert [piece] == requests.take(piece)
    assert [] == requests.take(piece)
    assert requests.is_open
    assert [0] == statuses(requests.take(fragment(answer(1))))
    assert not requests.is_open


@given(st.integers(1, 60))
def test_however_the_answer_is_cut(size: int) -> None:
    """An answer in pieces of any size is the same answer."""
    requests, octets = Requests(contexts=CONTEXTS), answer(1, 0xA900)
    requests.ask(WITHOUT_DATA)
    found: list[int | None] = []
    for at in range(0, len(octets), size):
        found += statuses(requests.take(fragment(octets[at : at + size], is_last=at + size >= len(octets))))
    assert [0xA900] == found


def test_answer_on_a_context_that_is_not_accepted() -> None:
    """What comes on a presentation context that was not accepted is no answer (PS3.8 9.3.5.1)."""
    requests = Requests(contexts=(1,))
    requests.ask(ECHO)
    assert requests.take(fragment(answer(1, command=0x8030))) is None

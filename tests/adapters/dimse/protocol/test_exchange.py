"""DIMSE messages as conversations: fragments in, steps out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.events import AbortReason, Answer, Fragment
from adapters.dimse.protocol.exchange import MAX_COMMAND_SET, Begin, Exchange, Send
from adapters.dimse.protocol.negotiation import Context
from gateway.contract.errors import LocalProtocolError
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, VERIFICATION, command_of, command_set

CONTEXTS = {1: Context(VERIFICATION, IMPLICIT), 3: Context(CT, EXPLICIT), 5: Context(CT, IMPLICIT)}
ECHO = command_set(e0002=VERIFICATION, e0100=0x30, e0110=9, e0800=0x101)
ECHO_WITH_DATA = command_set(e0002=VERIFICATION, e0100=0x30, e0110=9, e0800=1)
STORE = command_set(e0002=CT, e0100=1, e0110=7, e0800=1, e1000="1.2.3")
STORE_OF_NOTHING = command_set(e0002=CT, e0100=1, e0110=7, e0800=0x101, e1000="1.2.3")
CANCEL = command_set(e0100=0xFFF, e0120=7, e0800=0x101)
FIND = command_set(e0100=0x20, e0110=4, e0800=1)
N_EVENT = command_set(e0100=0x100, e0110=4, e0800=0x101)
RESPONSE = command_set(e0100=0x8001, e0120=4, e0800=0x101)

INVALID, UNEXPECTED = AbortReason.INVALID_PARAMETER, AbortReason.UNEXPECTED_PDU


def command(octets: bytes, *, context_id: int = 3, is_last: bool = True) -> Fragment:
    """Return a fragment of a command set."""
    return Fragment(context_id, True, is_last, memoryview(octets))


def data(octets: bytes, *, context_id: int = 3, is_last: bool = True) -> Fragment:
    """Return a fragment of a data set."""
    return Fragment(context_id, False, is_last, memoryview(octets))


def begin(context_id: int = 3) -> Begin:
    """Return the step that STORE leads to."""
    return Begin(Request(1, 7, True, CT, "1.2.3"), CONTEXTS[context_id])


# The fragments, and what the last of them leads to: a status responded, a step, or a reason to abort.
STEPS: dict[str, tuple[list[Fragment], int | list[Begin | Fragment] | AbortReason]] = {
    "C-ECHO": ([command(ECHO, context_id=1)], 0x0000),
    "C-ECHO on any context": ([command(ECHO)], 0x0000),
    "C-ECHO that announces a data set": ([command(ECHO_WITH_DATA)], 0x0000),
    "the next one": ([command(ECHO_WITH_DATA), command(ECHO_WITH_DATA)], 0x0000),
    "its data set is read over": ([command(ECHO_WITH_DATA), data(b"a", is_last=False)], []),
    "to its end": ([command(ECHO_WITH_DATA), data(b"a", is_last=False), data(b"b")], []),
    "and no further": ([command(ECHO_WITH_DATA), data(b"a"), data(b"b")], UNEXPECTED),
    "on its context only": ([command(ECHO_WITH_DATA), data(b"a", context_id=5)], UNEXPECTED),
    "a request behind it": ([command(ECHO_WITH_DATA), data(b"a"), command(ECHO)], 0x0000),
    "an instance behind it": ([command(ECHO_WITH_DATA), command(STORE), data(b"a")], [data(b"a")]),
    "its data set behind another command": ([command(ECHO_WITH_DATA), command(ECHO), data(b"a")], UNEXPECTED),
    "a command in two pieces": ([command(ECHO[:20], is_last=False), command(ECHO[20:])], 0x0000),
    "half a command": ([command(ECHO[:20], is_last=False)], []),
    "C-STORE": ([command(STORE)], [begin()]),
    "its context": ([command(STORE, context_id=5)], [begin(5)]),
    "its data": ([command(STORE), data(b"a", is_last=False)], [data(b"a", is_last=False)]),
    "the end of its data": ([command(STORE), data(b"a", is_last=False), data(b"b")], [data(b"b")]),
    "C-STORE of nothing": ([command(STORE_OF_NOTHING)], 0xC000),
    "C-CANCEL is ignored": ([command(CANCEL)], []),
    "even while an answer is due": ([command(STORE), data(b"a"), command(CANCEL)], []),
    "an operation that is not offered": ([command(N_EVENT)], 0x0211),
    "one with a data set: wait": ([command(FIND)], []),
    "read over the data set": ([command(FIND), data(b"a", is_last=False)], []),
    "and then say so": ([command(FIND), data(b"a", is_last=False), data(b"b")], 0x0211),
    "a response": ([command(RESPONSE)], UNEXPECTED),
    "no command set": ([command(b"??")], INVALID),
    "a command set without end": ([command(bytes(MAX_COMMAND_SET + 1), is_last=False)], INVALID),
    "a context that was not accepted": ([command(STORE, context_id=7)], INVALID),
    "data on one": ([command(STORE), data(b"a", context_id=7)], INVALID),
    "a data set before its command": ([data(b"a")], UNEXPECTED),
    "a data set in the middle of a command": ([command(ECHO[:20], is_last=False), data(b"a")], UNEXPECTED),
    "a data set on another context": ([command(STORE), data(b"a", context_id=5)], UNEXPECTED),
    "a command goes on on another context": (
        [command(ECHO[:20], is_last=False), command(ECHO[20:], context_id=5)],
        UNEXPECTED,
    ),
    "a command before the data set ends": ([command(STORE), data(b"a", is_last=False), command(ECHO)], UNEXPECTED),
    "a request before the answer": ([command(STORE), data(b"a"), command(STORE)], UNEXPECTED),
    "an echo before the answer": ([command(STORE), data(b"a"), command(ECHO)], UNEXPECTED),
    "more data than the data set": ([command(STORE), data(b"a"), data(b"b")], UNEXPECTED),
}


@pytest.mark.parametrize(("fragments", "expected"), STEPS.values(), ids=STEPS)
def test_steps(fragments: list[Fragment], expected: object) -> None:
    """Each fragment leads to what PS3.7 wants."""
    exchange = Exchange(CONTEXTS, 0)
    step = [exchange.take(fragment) for fragment in fragments][-1]
    if isinstance(step, list) and step and isinstance(step[0], Send):
        assert expected == command_of(step[0].data).Status
    else:
        assert expected == step


def test_answer() -> None:
    """The answer goes out on the context of its request, and the next request may come."""
    exchange = Exchange(CONTEXTS, 0)
    for fragment in (command(STORE, context_id=5), data(b"a", context_id=5)):
        exchange.take(fragment)
    due = [exchange.is_answer_due and exchange.is_answering]
    wire = exchange.answer(Answer(0xA700, "later")).data
    assert (5, 7, 0xA700, "later") == (
        wire[10],
        command_of(wire).MessageIDBeingRespondedTo,
        command_of(wire).Status,
        command_of(wire).ErrorComment,
    )
    assert [True, False] == [*due, exchange.is_answer_due]
    assert [begin()] == exchange.take(command(STORE))


def test_receiving() -> None:
    """An exchange knows whether the peer owes the rest of a message."""
    exchange = Exchange(CONTEXTS, 0)
    seen, answering = [exchange.is_receiving], []
    for fragment in (command(STORE[:9], is_last=False), command(STORE[9:]), data(b"a", is_last=False), data(b"b")):
        exchange.take(fragment)
        seen.append(exchange.is_receiving)
        answering.append(exchange.is_answering)
    assert [False, False, False, True] == answering
    assert [False, True, True, True, False] == seen


@pytest.mark.parametrize("fragments", [[], [command(STORE)]], ids=["nothing asked", "data set not whole"])
def test_answer_out_of_turn(fragments: list[Fragment]) -> None:
    """An answer that cannot be given yet is a bug of ours."""
    exchange = Exchange(CONTEXTS, 0)
    for fragment in fragments:
        exchange.take(fragment)
    with pytest.raises(LocalProtocolError):
        exchange.answer(Answer(0))


@given(
    st.lists(
        st.builds(
            Fragment,
            st.sampled_from([1, 3, 7]),
            st.booleans(),
            st.booleans(),
            st.sampled_from([ECHO, STORE, FIND, CANCEL, b"", b"?"]).map(memoryview),
        ),
        max_size=12,
    )
)
def test_any_fragments(fragments: list[Fragment]) -> None:
    """No order of fragments raises."""
    exchange = Exchange(CONTEXTS, 16)
    for fragment in fragments:
        if isinstance(exchange.take(fragment), AbortReason):
            break

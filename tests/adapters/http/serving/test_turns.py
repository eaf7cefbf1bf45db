"""Fair reading."""

import asyncio
from typing import cast

from adapters.http.serving.turns import AT_ONCE, GatedTransport, Hold, Turns
from gateway.contract.backpressure import ReadGate
from tests.transport import RecordedTransport


async def test_small_data() -> None:
    """What is small is passed on at once, and the peer is read on."""
    transport, taken = RecordedTransport(), list[bytes]()
    Turns(ReadGate[Hold](transport), taken.append).put(b"abc")
    assert ([b"abc"], []) == (taken, transport.told)


async def test_others_get_their_turn() -> None:
    """Much data is passed on in several turns of the loop, in order; until the end the peer is not read."""
    transport, taken = RecordedTransport(), list[bytes]()
    turns = Turns(ReadGate[Hold](transport), taken.append)
    data = bytes(range(256)) * (AT_ONCE // 100)
    turns.put(data)
    assert ([data[:AT_ONCE]], ["pause"]) == (taken, transport.told)
    turns.put(b"more")
    others = 0
    while "resume" not in transport.told:
        others += 1
        await asyncio.sleep(0)
    assert (data + b"more", 2, AT_ONCE) == (b"".join(taken), others, max(map(len, taken)))


async def test_lost() -> None:
    """Nothing is passed on of a peer that is gone."""
    taken = list[bytes]()
    turns = Turns(ReadGate[Hold](RecordedTransport()), taken.append)
    turns.put(b"a" * AT_ONCE * 3)
    turns.drop()
    await asyncio.sleep(0)
    assert 1 == len(taken)


async def test_two_reasons() -> None:
    """The peer is read again when neither the server nor the turns are against it."""
    transport = RecordedTransport()
    gate = ReadGate[Hold](transport)
    gated = cast("asyncio.Transport", GatedTransport(transport, gate))
    gated.pause_reading()
    gate.close(Hold.TURN)
    gated.resume_reading()
    assert ["pause"] == transport.told
    gate.open(Hold.TURN)
    assert ["pause", "resume"] == transport.told
    assert not gated.is_closing()

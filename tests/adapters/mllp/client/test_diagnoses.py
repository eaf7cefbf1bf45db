"""Why a message did not get through to a receiver: each cause over a real socket."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.mllp.client.answers import AnswerTable
from adapters.mllp.client.diagnoses import diagnose
from adapters.mllp.client.events import Cause as Why
from adapters.mllp.client.events import MaybeSent, NotSent
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.pool import Pool
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.contract.body import WholeBody
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.phase_times import PhaseTimes
from tests.adapters.mllp.client.receiver import ack, receiving
from tests.certificates import Authority
from tests.mllp_client import adt

MESSAGE = Message("M1", WholeBody(adt("C1")), {}, {"control_id": "C1"})


async def send(
    port: int, context: ssl.SSLContext | None = None, times: PhaseTimes | None = None, **more: object
) -> Outcome:
    """Return the outcome of a message to a receiver."""
    settings = MllpDestinationSettings.model_validate({"kind": "mllp", "host": "127.0.0.1", "port": port, **more})
    pool = Pool(settings, None if context is None else lambda: context, Counter[str]().update, "lab", times)
    try:
        verdict = await pool.exchange(Outgoing(adt("C1"), b"C1", b"C1"))
    finally:
        await pool.close()
    return AnswerTable(settings.answers, settings.answer_seconds).outcome(verdict, MESSAGE)


def cause_of(outcome: Outcome) -> Diagnosis:
    """Return the diagnosis of a failure."""
    assert not isinstance(outcome, Stored)
    assert outcome.diagnosis is not None
    return outcome.diagnosis


async def test_nobody_listens() -> None:
    """A closed port is told with the address, also where the receiver has a name."""
    async with receiving() as receiver:
        port = receiver.port
    assert Diagnosis(Cause.CONNECTION_REFUSED, {"address": f"127.0.0.1:{port}"}) == cause_of(await send(port))
    named = cause_of(await send(port, host="localhost"))
    assert Cause.CONNECTION_REFUSED is named.cause
    assert f"127.0.0.1:{port}" in named.details["address"]


async def test_names() -> None:
    """A name without an address is told."""
    found = cause_of(await send(2575, host="lab.invalid"))
    assert (Cause.NAME_UNKNOWN, "lab.invalid") == (found.cause, found.details["name"])


NACKS = {
    "content": ("AE", Refused, {"code": "AE"}),
    "not now": ("AR", Unavailable, {"code": "AR"}),
}


@pytest.mark.parametrize(("code", "kind", "details"), NACKS.values(), ids=NACKS)
async def test_negative_answers(code: str, kind: type, details: dict[str, str]) -> None:
    """A negative acknowledgement is about the message."""
    async with receiving(lambda block: ack(block, code)) as receiver:
        outcome = await send(receiver.port)
    assert isinstance(outcome, kind)
    assert Diagnosis(Cause.MESSAGE_REFUSED, details) == cause_of(outcome)


async def test_no_answer() -> None:
    """A receiver that is silent is told with the time that it had, and the wait is measured."""
    times = PhaseTimes()
    async with receiving(lambda _: b"") as receiver:
        outcome = await send(receiver.port, times=times, answer_seconds=0.3)
    assert Diagnosis(Cause.NO_ANSWER, {"seconds": "0.3"}) == cause_of(outcome)
    phases = times.phases()
    assert phases is not None
    assert phases["wait"] >= 0.29


async def test_phases() -> None:
    """An answer is measured, too."""
    times = PhaseTimes()
    async with receiving() as receiver:
        assert isinstance(await send(receiver.port, times=times), Stored)
    phases = times.phases()
    assert phases is not None
    assert 0 < phases["connect"] < 10
    assert 0 < phases["wait"] < 10


async def test_the_end_and_other_answers() -> None:
    """A connection that ends, and an answer that is none, are told apart."""
    async with receiving(lambda _: None) as receiver:
        assert Diagnosis(Cause.CONNECTION_BROKE) == cause_of(await send(receiver.port))
    async with receiving(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n") as receiver:
        assert Diagnosis(Cause.OTHER_CONTENT) == cause_of(await send(receiver.port))


@pytest.mark.parametrize("why", Why)
def test_each_cause_is_known(why: Why) -> None:
    """Each cause of the rules has one for people; an unknown text is a broken connection."""
    for verdict in (NotSent(why), MaybeSent(f"{why}: behind it")):
        assert diagnose(verdict, 5.0).cause in {Cause.CONNECTION_BROKE, Cause.NO_ANSWER, Cause.OTHER_CONTENT}
    assert Cause.CONNECTION_BROKE is diagnose(MaybeSent("?"), 5.0).cause


async def not_trusted(authority: Authority) -> Outcome:
    """Send to a receiver whose issuer is unknown."""
    async with receiving(tls=authority.server(authority.issue("lab"))) as receiver:
        return await send(receiver.port, ssl.create_default_context())


async def expired(authority: Authority) -> Outcome:
    """Send to a receiver whose certificate has ended."""
    async with receiving(tls=authority.server(authority.issue("lab", days=0))) as receiver:
        return await send(receiver.port, authority.client())


async def without_tls(authority: Authority) -> Outcome:
    """Send to a receiver that speaks something else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"220 ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        return await send(server.sockets[0].getsockname()[1], authority.client())


TLS: dict[str, tuple[Callable[[Authority], Awaitable[Outcome]], Cause, str]] = {
    "unknown issuer": (not_trusted, Cause.CERTIFICATE_ISSUER, "issuer"),
    "ended": (expired, Cause.CERTIFICATE_ENDED, "ended_at"),
    "no TLS": (without_tls, Cause.SPEAKS_NO_TLS, "address"),
}


@pytest.mark.parametrize("name", TLS)
async def test_tls(tmp_path: Path, name: str) -> None:
    """The event loops' own TLS tells what the receiver has shown, too."""
    run, cause, detail = TLS[name]
    found = cause_of(await run(Authority(tmp_path)))
    assert cause is found.cause
    assert found.details[detail]

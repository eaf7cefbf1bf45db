"""The step, alone and behind a real listener."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import hl7
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from adapters.hl7.validation import ValidateHl7v2Settings, open_step
from adapters.hl7.validation.orders import Verdict
from adapters.hl7.validation.pool import NotValidatedError, TookTooLongError
from adapters.hl7.validation.step import TOO_LONG, ValidateHl7v2, refused
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Finding, Outcome, Refused, Stored
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter, listening
from tests.mllp_client import mllp_client

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST = Finding("101", "PID-5 is required and missing", "PID^1^5^1")
SECOND = Finding("100", "Segment 4 of the message has a name that its version does not know")
MESSAGE = Message("m1", WholeBody(b"MSH|"), {}, {"control_id": "C1"}, charset="8859/1")


@dataclass
class FakeValidators:
    """Give the verdict that the test wants."""

    answer: Verdict | Exception = field(default_factory=Verdict)
    asked: list[tuple[bytes, str | None]] = field(default_factory=list)

    async def verdict(self, data: bytes, charset: str | None) -> Verdict:
        """Remember what is asked."""
        self.asked.append((data, charset))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def step(answer: Verdict | Exception, level: str = "report") -> ValidateHl7v2:
    """Return a step whose processes give *answer*."""
    settings = ValidateHl7v2Settings.model_validate({"kind": "validate_hl7v2", "level": level})
    return ValidateHl7v2("check", settings, FakeValidators(answer))


@pytest.mark.parametrize("level", ["report", "refuse"])
async def test_a_valid_message(level: str) -> None:
    """A valid message is passed on unchanged, and nothing is logged."""
    validating = step(Verdict(), level)
    with capture_logs() as logs:
        assert await validating(MESSAGE) is MESSAGE
    assert [] == logs
    assert [(b"MSH|", "8859/1")] == validating.validators.asked  # type: ignore[attr-defined]


COUNTED = {
    "valid": (Verdict(), "report", "valid"),
    "invalid": (Verdict(1, (FIRST,)), "report", "invalid"),
    "refused": (Verdict(1, (FIRST,)), "refuse", "invalid"),
    "takes too long": (TookTooLongError("too long"), "refuse", "not_validated"),
    "no process": (NotValidatedError("none stays"), "report", "not_validated"),
}


@pytest.mark.parametrize(("answer", "level", "result"), COUNTED.values(), ids=COUNTED)
async def test_counted(answer: Verdict | Exception, level: str, result: str) -> None:
    """Each message is counted by what was found, whatever becomes of it."""
    counted: list[str] = []
    await replace(step(answer, level), count=counted.append)(MESSAGE)
    assert [result] == counted


async def test_report() -> None:
    """A message with mistakes goes on, and the log tells their number, places and codes."""
    with capture_logs() as logs:
        assert await step(Verdict(12, (FIRST, SECOND)))(MESSAGE) is MESSAGE
    assert [
        {
            "event": "hl7v2_not_valid",
            "log_level": "warning",
            "step": "check",
            "message_id": "m1",
            "control_id": "C1",
            "findings": 12,
            "places": ["101 PID^1^5^1", "100 message"],
        }
    ] == logs


async def test_refuse() -> None:
    """A message with mistakes is refused with its findings; the first one is the reason."""
    assert Refused(
        "PID-5 is required and missing (1 of 12 mistakes)", code="101", findings=(FIRST, SECOND)
    ) == await step(Verdict(12, (FIRST, SECOND)), "refuse")(MESSAGE)
    assert "PID-5 is required and missing" == refused(Verdict(1, (FIRST,))).reason


async def test_a_message_that_takes_too_long() -> None:
    """A message that takes too long counts as one with a mistake."""
    slow = TookTooLongError("the message takes longer than max_seconds")
    assert TOO_LONG == await step(slow, "refuse")(MESSAGE)
    with capture_logs() as logs:
        assert await step(slow)(MESSAGE) is MESSAGE
    assert [("hl7v2_not_validated", "m1", "C1")] == [
        (each["event"], each["message_id"], each["control_id"]) for each in logs
    ]


async def test_no_process() -> None:
    """If the processes keep ending, `refuse` lets no message through; `report` does."""
    gone = NotValidatedError("the processes that validate messages keep ending")
    with pytest.raises(NotValidatedError):
        await step(gone, "refuse")(MESSAGE)
    with capture_logs() as logs:
        assert await step(gone)(MESSAGE) is MESSAGE
    assert ["hl7v2_not_validated"] == [each["event"] for each in logs]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def refusing() -> AsyncIterator[ValidateHl7v2]:
    """Share a step that refuses."""
    settings = ValidateHl7v2Settings(kind="validate_hl7v2", level="refuse")
    async with open_step("check", settings) as opened:
        yield opened


class Behind(FakeDelivery):
    """A delivery through the step."""

    def __init__(self, step: ValidateHl7v2) -> None:
        super().__init__()
        self.step = step

    async def __call__(self, message: Message) -> Outcome:
        """Store what the step lets through."""
        passed = await self.step(message)
        return passed if isinstance(passed, Refused) else Stored()


async def ask(refusing: ValidateHl7v2, message: bytes, **settings: Any) -> Any:
    """Send *message* over MLLP; return the answer as python-hl7 reads it."""
    async with (
        listening(Behind(refusing), FakeMeter(), **settings) as listener,
        mllp_client(listener.port) as client,
    ):
        return hl7.parse((await client.ask(message)).decode())


def adt(version: str, pid: str = "PID|1||||X||never|F", encoding: str = "^~\\&") -> bytes:
    """Return an admission."""
    header = f"MSH|{encoding}|A|B|C|D|20240101||ADT^A01^ADT_A01|C1|P|{version}"
    return "\r".join([header, "EVN|A01|20240101", pid, "PV1|1|I", ""]).encode()


@pytest.mark.parametrize("version", ["2.5", "2.5.1", "2.6", "2.8"])
async def test_the_sender_is_told_where(refusing: ValidateHl7v2, version: str) -> None:
    """Since 2.5 the NACK has an ERR for each mistake, with its place in ERR-2 and its code in ERR-3."""
    answer = await ask(refusing, adt(version))
    assert "AE" == str(answer["MSA"][0][1])
    told = [(str(err[2]), str(err[3]), str(err[4]), str(err[8])) for err in answer["ERR"]]
    place = "PID^1^7^1" if version >= "2.6" else "PID^1^7^1^1"
    assert [
        ("PID^1^3^1", "101^Required field missing^HL70357", "E", "PID-3 is required and missing"),
        (place, "102^Data type error^HL70357", "E", f"PID-7{'' if version >= '2.6' else '.1'} is not a valid DTM"),
    ] == told


@pytest.mark.parametrize("version", ["2.2", "2.3", "2.4"])
async def test_the_sender_is_told_where_before_2_5(refusing: ValidateHl7v2, version: str) -> None:
    """Before 2.5 the only field of ERR repeats: segment, sequence, field, and the code as subcomponents."""
    answer = await ask(refusing, adt(version))
    assert "AE" == str(answer["MSA"][0][1])
    (err,) = answer["ERR"]
    assert [
        "PID^1^3^101&Required field missing&HL70357",
        "PID^1^7^102&Data type error&HL70357",
    ] == str(err[1]).split("~")
    assert "PID-3 is required and missing (1 of 2 mistakes)" == str(answer["MSA"][0][3])


async def test_five_encoding_characters(refusing: ValidateHl7v2) -> None:
    """A message whose MSH-2 has five characters is accepted, and refused for its mistakes alone."""
    good = "PID|1||1^^^H^MR||A^B||19700101|F"
    assert "AA" == str((await ask(refusing, adt("2.5.1", good, "^~\\&#")))["MSA"][0][1])
    answer = await ask(refusing, adt("2.5.1", encoding="^~\\&#"))
    assert "PID^1^3^1" == str(answer["ERR"][0][2])


async def test_a_batch(refusing: ValidateHl7v2) -> None:
    """Of a batch each message is validated on its own."""
    good = "PID|1||1^^^H^MR||A^B||19700101|F"
    block = b"BHS|^~\\&|\r" + adt("2.5", good) + adt("2.5") + b"BTS|2\r"
    async with listening(Behind(refusing), FakeMeter()) as listener, mllp_client(listener.port) as client:
        answer = await client.ask(block)
    assert [b"AA", b"AE"] == [line[4:6] for line in answer.split(b"\r") if line.startswith(b"MSA")]


async def test_a_kind_of_message_that_is_none(refusing: ValidateHl7v2) -> None:
    """An unknown type, event or version is rejected as unsupported."""
    answer = await ask(refusing, adt("2.5").replace(b"ADT^A01^ADT_A01", b"ADT^A99"))
    assert "AR" == str(answer["MSA"][0][1])
    assert "201^Unsupported event code^HL70357" == str(answer["ERR"][0][3])


async def test_in_order(refusing: ValidateHl7v2) -> None:
    """The same message has the same answer, each time and also when many are validated at once."""
    message = Message("m1", WholeBody(adt("2.5")), {}, {})
    first, *others = await asyncio.gather(*(refusing(message) for _ in range(10)))
    assert [first] * 9 == others

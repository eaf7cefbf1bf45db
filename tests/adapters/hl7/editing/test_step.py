"""The step: a message in, a message or a refusal out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.hl7.editing import EditHl7v2Settings, open_step
from adapters.hl7.editing.step import SMALL
from gateway.contract.body import Body, Buffer, WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.hl7.editing import making
from tests.adapters.hl7.editing.making import settings


class Pieces:
    """A body that is still arriving, in pieces."""

    length = None
    replayable = False

    def __init__(self, *pieces: Buffer) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""
        for piece in self._pieces:
            yield piece


def message_with(body: Body) -> Message:
    """Return a message with this body."""
    return Message("m1", body, {"message_type": "ADT^A01"}, {"control_id": "C1"}, connection="a:1")


async def octets(message: Message) -> bytes:
    """Return the whole body."""
    return b"".join([bytes(chunk) async for chunk in message.body.chunks()])


async def edited(asked: EditHl7v2Settings, message: Message) -> Message | Refused:
    """Return what the step makes of *message*."""
    async with open_step("tidy", asked) as step:
        return await step(message)


@pytest.mark.parametrize("size", [1, SMALL])
async def test_edit(size: int) -> None:
    """The body is another one, and all else of the message is the same, however large it is."""
    before = message_with(WholeBody(making.message("PID|1||old|" + "x" * size)))
    after = await edited(settings(set={"PID-3": "new"}), before)
    assert isinstance(after, Message)
    assert making.message("PID|1||new|" + "x" * size) == await octets(after)
    assert after.body.replayable
    assert (before.facts, before.identifiers, "m1", "a:1") == (
        after.facts,
        after.identifiers,
        after.message_id,
        after.connection,
    )


async def test_body_that_arrives_in_pieces() -> None:
    """A body of any kind is collected."""
    data = making.message("PID|1||old")
    after = await edited(settings(set={"PID-3": "new"}), message_with(Pieces(data[:20], memoryview(data)[20:])))
    assert isinstance(after, Message)
    assert making.message("PID|1||new") == await octets(after)


async def test_nothing_to_change() -> None:
    """Where nothing changes the message is the one that came in."""
    before = message_with(WholeBody(making.message("PID|1||old")))
    assert await edited(settings(set={"PID-3": "old"}), before) is before


async def test_refused() -> None:
    """What cannot be edited is refused."""
    assert isinstance(await edited(settings(), message_with(WholeBody(b"BHS|^~\\&|A\r"))), Refused)


async def test_charset_of_the_listener() -> None:
    """The character set that is set at the listener counts."""
    before = message_with(WholeBody(making.message("PID|1||\xdcber", codec="latin-1")))
    latin = Message(before.message_id, before.body, {}, {}, charset="8859/1")
    after = await edited(settings(set={"PID-2": "\xc4"}), latin)
    assert isinstance(after, Message)
    assert making.message("PID|1|\xc4|\xdcber", codec="latin-1") == await octets(after)


async def test_table_in_a_file(tmp_path: Path) -> None:
    """A table in a file is read at the start, and does not change afterwards."""
    file = tmp_path / "sex.csv"
    file.write_text("F,W\n")
    before = message_with(WholeBody(making.message("PID|1||||||F")))
    async with open_step("tidy", settings(map={"PID-7": {"file": str(file), "default": "refuse"}})) as step:
        file.write_text("F,X\n")
        after = await step(before)
        other = await step(message_with(WholeBody(making.message("PID|1||||||M"))))
    assert isinstance(after, Message)
    assert making.message("PID|1||||||W") == await octets(after)
    assert isinstance(other, Refused)


async def test_tables_that_cannot_be_read(tmp_path: Path) -> None:
    """The error names every table that cannot be used."""
    (tmp_path / "b.csv").write_text("F\n")
    tables = {"PID-7": {"file": str(tmp_path / "a.csv")}, "PID-8": {"file": str(tmp_path / "b.csv")}}
    with pytest.raises(ConfigError) as found:
        async with open_step("tidy", settings(map=tables)):
            pass
    assert ["steps.tidy.map.PID-7.file", "steps.tidy.map.PID-8.file"] == [
        problem.partition(":")[0] for problem in found.value.problems
    ]

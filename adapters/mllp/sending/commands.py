"""Sends the messages in files over MLLP, for ``hilum send hl7``."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from adapters.hl7.acknowledgement import answer_code
from adapters.hl7.er7 import Header
from adapters.mllp.sending.files import messages_in
from adapters.mllp.sending.sender import MllpSender
from gateway.contract.sending import Address, Answered


async def send(address: Address, paths: Iterable[Path]) -> AsyncIterator[Answered]:
    """Send the messages in the files over one connection; yield each answer; stop where there is none."""
    try:
        async with MllpSender(address.host, address.port) as sender:
            for path in paths:
                for payload in messages_in(await asyncio.to_thread(path.read_bytes)):
                    reply = await sender.send(payload)
                    answer = "none" if reply is None else answer_code(reply)
                    positive = reply is None or answer in {"AA", "CA"}  # it asked for none
                    yield Answered(str(path), _control_id(payload), answer, positive=positive)
    except OSError as error:
        yield Answered(error.filename or f"{address.host}:{address.port}", "-", _why(error), positive=False)


def _control_id(payload: bytes) -> str:
    header = Header.parse(payload)
    return header.field(10).decode("ascii", "replace") if header else "-"


def _why(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else error.strerror or "closed without an answer"

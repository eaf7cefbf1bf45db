"""The protocols that a store of a campaign can speak; nothing of them is Hilum's."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.campaign.archives import control_id
from tests.campaign.http_requests import Answer, Request, read_request

LIMIT = 1 << 20
"""Octets of the largest message over MLLP."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How requests come in and answers go out."""

    read: Callable[[asyncio.StreamReader], Awaitable[Request]]
    """Returns the next request; raises IncompleteReadError where the connection ends instead."""
    octets: Callable[[Request, Answer], bytes]
    """Returns an answer as it goes over the wire."""


async def _read_block(reader: asyncio.StreamReader) -> Request:
    block = await reader.readuntil(b"\x1c\r")
    return Request("POST", "", {}, block.removeprefix(b"\x0b").removesuffix(b"\x1c\r"))


def _block(request: Request, answer: Answer) -> bytes:
    """Return the acknowledgement; in place of an error of HTTP one that says that the receiver failed."""
    body = answer.body if answer.status == 200 else refusal(control_id(request.body))
    return b"\x0b" + body + b"\x1c\r"


def refusal(name: str) -> bytes:
    """Return a receiver's own NACK: AR, application internal error."""
    msh = rf"MSH|^~\&|WARD||||20260102030405||ACK|N{name}|P|2.5.1"
    return f"{msh}\rMSA|AR|{name}\rERR|||207^Application internal error^HL70357|E\r".encode()


HTTP = Speech(read_request, lambda _, answer: answer.octets())
MLLP = Speech(_read_block, _block)

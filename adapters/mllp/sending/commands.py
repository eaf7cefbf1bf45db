"""Sends the messages in files over MLLP, for ``hilum send hl7``."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from adapters.hl7.acknowledgement import answer_code, answer_text
from adapters.hl7.er7 import Header
from adapters.mllp.sending.files import messages_in
from adapters.mllp.sending.sender import MllpSender
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE, RESET, why_no_tls, why_not_connected
from gateway.contract.sending import DEFAULT, NO_ANSWER, Address, Answered, Progress, SendOptions

SECONDS = 30.0
"""Default time limit for each step, where the options give none."""
NAMES = {  # HL7 table 0008
    "AA": "Application accept",
    "AE": "Application error",
    "AR": "Application reject",
    "CA": "Commit accept",
    "CE": "Commit error",
    "CR": "Commit reject",
}
UNASKED = "The message asks for no answer, and none came"
CLOSED = "the peer closed the connection without an answer"


async def send(address: Address, paths: Iterable[Path], options: SendOptions = DEFAULT) -> AsyncIterator[Answered]:
    """Send the messages in the files over one connection; yield each answer. A missing answer stops the sending.

    To keep the order, messages after one without an answer are not sent, and are yielded as not sent.
    """
    seconds, reason, left = options.timeout or SECONDS, "", _messages(paths)
    is_first = True
    options.tell(Progress("sending"))
    try:
        async with MllpSender(address.host, address.port, seconds, tls=options.tls) as sender:
            async for path, payload in left:
                if isinstance(payload, str):
                    yield _unsent(path, payload)
                    continue
                try:
                    yield _answered(path, payload, await sender.send(payload))
                    is_first = False
                except OSError as error:
                    reason = _why(error, seconds, is_first_over_tls=is_first and options.tls is not None)
                    yield Answered(str(path), _control_id(payload), NO_ANSWER, positive=False, detail=reason)
                    break
    except (OSError, UnicodeError) as error:  # UnicodeError: a label of the host name cannot be encoded for DNS
        is_late = isinstance(error, TimeoutError) and not error.errno
        why = f"no answer in {seconds:g} s" if is_late else why_not_connected(error, speaks_tls=options.tls is not None)
        reason = f"no connection: {why}"
    async for path, payload in left:
        why = payload if isinstance(payload, str) else f"not sent: {reason}"
        yield _unsent(path, why, "-" if isinstance(payload, str) else _control_id(payload))


async def _messages(paths: Iterable[Path]) -> AsyncIterator[tuple[Path, bytes | str]]:
    """Yield each message with its file, or the reason why a file has no message."""
    for path in paths:
        try:
            messages = messages_in(await asyncio.to_thread(path.read_bytes))
        except OSError as error:
            yield path, f"not sent: the file cannot be read: {(error.strerror or 'unknown error').lower()}"
            continue
        for message in messages:
            yield path, message
        if not messages:
            yield path, "not sent: the file holds no HL7v2 message"


def _answered(path: Path, payload: bytes, reply: bytes | None) -> Answered:
    if reply is None:
        return Answered(str(path), _control_id(payload), "none", positive=True, detail=UNASKED)
    code, text = answer_code(reply), answer_text(reply)
    name = NAMES.get(code, "Not an acknowledgement code")
    detail = f"{name}: {text}" if text else name
    return Answered(str(path), _control_id(payload), code or "?", code in {"AA", "CA"}, detail)


def _unsent(path: Path, reason: str, control_id: str = "-") -> Answered:
    return Answered(str(path), control_id, NO_ANSWER, positive=False, detail=reason)


def _control_id(payload: bytes) -> str:
    header = Header.parse(payload)
    return (header.field(10).decode("ascii", "replace") if header else "") or "-"


def _why(error: OSError, seconds: float, *, is_first_over_tls: bool) -> str:
    """Return why an open connection brought no answer."""
    if isinstance(error, ssl.SSLError):
        return why_no_tls(error)
    if isinstance(error, TimeoutError) and not error.errno:
        return f"no answer in {seconds:g} s"
    is_reset = isinstance(error, ConnectionResetError | BrokenPipeError)
    is_closed = error.errno is not None or str(error) == CLOSED
    if is_first_over_tls and (is_closed or is_reset):
        return CLOSED_BEHIND_HANDSHAKE
    if is_reset:
        return RESET
    return CLOSED if is_closed or not error.args else str(error)

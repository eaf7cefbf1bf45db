"""The commands ``hilum send dicom`` and ``hilum echo``."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from adapters.dimse.protocol.status_names import name_of
from adapters.dimse.requesting import sender
from gateway.contract.sending import DEFAULT, NO_ANSWER, SKIPPED, Address, Answered, SendOptions

SUCCESS = "0000"
STORED = {SUCCESS, "B000", "B006", "B007"}
"""Statuses with which the instance is stored: success and the C-STORE warnings (PS3.4 B.2.3)."""


async def send(address: Address, paths: Iterable[Path], options: SendOptions = DEFAULT) -> AsyncIterator[Answered]:
    """Send the instances in the files and folders; yield each status."""
    async for result in sender.send(address, paths, options):
        identifier = result.sop_instance_uid or "-"
        if result.is_left_out:
            yield Answered(str(result.path), identifier, SKIPPED, True, result.reason, is_skipped=True)
        else:
            answer, detail = _told(result.status, result.reason, result.comment)
            yield Answered(str(result.path), identifier, answer, answer in STORED, detail)


async def echo(address: Address, options: SendOptions = DEFAULT) -> AsyncIterator[Answered]:
    """Send a C-ECHO; yield its status."""
    result = await sender.echo(address, options)
    answer, detail = _told(result.status, result.reason, result.comment)
    yield Answered(str(address), "C-ECHO", answer, answer == SUCCESS, detail)


def _told(status: str | None, reason: str, comment: str) -> tuple[str, str]:
    if status is None:
        return NO_ANSWER, reason
    return status, f"{name_of(status)}: {comment}" if comment else name_of(status)

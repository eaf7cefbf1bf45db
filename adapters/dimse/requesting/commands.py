"""What ``hilum send dicom`` and ``hilum echo`` do."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from adapters.dimse.requesting import sender
from gateway.contract.sending import Address, Answered

STORED = {"0000", "B000", "B006", "B007"}
"""Success, and the warnings of C-STORE (PS3.4 B.2.3)."""


async def send(address: Address, paths: Iterable[Path]) -> AsyncIterator[Answered]:
    """Send the instances in the files and folders; yield each status."""
    async for result in sender.send(paths, address.ae_title, address.host, address.port):
        positive = result.is_left_out or result.status in STORED
        yield Answered(str(result.path), result.sop_instance_uid or "-", result.status or result.reason, positive)


async def echo(address: Address) -> AsyncIterator[Answered]:
    """Send a C-ECHO; yield its status."""
    result = await sender.echo(address.ae_title, address.host, address.port)
    where = f"{address.ae_title}@{address.host}:{address.port}"
    yield Answered(where, "C-ECHO", result.status or result.reason, result.status == "0000")

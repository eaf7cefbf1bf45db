"""What the gateway says of itself at its admin port."""

import asyncio
import re

SECONDS = 60.0
WAITING = re.compile(rb'^hilum_spool_messages\{[^}]*state="waiting"[^}]*\} (\S+)$', re.MULTILINE)


async def complaints(port: int) -> list[str]:
    """Return what is not as it should be with nothing left to do."""
    try:
        async with asyncio.timeout(SECONDS):
            ready, metrics = await _get(port, "/readyz"), await _get(port, "/metrics")
    except (OSError, asyncio.IncompleteReadError) as error:
        return [f"the admin port does not answer: {type(error).__name__}"]
    found = [] if ready.startswith(b"HTTP/1.1 200 ") else [f"/readyz: {ready[:200]!r}"]
    waiting = sum(float(number) for number in WAITING.findall(metrics))
    return [*found, f"/metrics: {waiting:g} messages wait"] if waiting else found


async def _get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    finally:
        writer.close()

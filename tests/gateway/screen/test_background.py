"""A task beside others."""

import asyncio

import pytest

from gateway.screen.background import in_background


async def test_ends_with_the_body() -> None:
    """It runs beside the body, and has ended after it, also after an error."""
    ran = asyncio.Event()
    ended = []

    async def work() -> None:
        try:
            ran.set()
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def body() -> None:
        async with in_background(work()):
            await ran.wait()
            raise ValueError("body")

    with pytest.raises(ValueError, match="body"):
        await body()
    assert ended == [True]

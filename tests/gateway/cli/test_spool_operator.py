"""The operator's name, and the question for confirmation."""

import asyncio
import os
import pwd
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.cli.spool_operator import ask, is_terminal, operator_name

USER = pwd.getpwuid(os.getuid()).pw_name
BEHIND = {
    "alice": f"{USER} (sudo: alice)",
    "": USER,
    USER: USER,
    "two\nlines": USER,
    "x" * 65: USER,
}


@pytest.mark.parametrize(("behind", "expected"), BEHIND.items(), ids=repr)
def test_who(monkeypatch: pytest.MonkeyPatch, behind: str, expected: str) -> None:
    """The system says whose process it is; sudo, for whom. USER and LOGNAME, which anyone may set, do not count."""
    for name, value in (("SUDO_USER", behind), ("USER", "mallory"), ("LOGNAME", "mallory")):
        monkeypatch.setenv(name, value)
    assert expected == operator_name()


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container there may be a number only."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert f"uid {2**31 - 7}" == operator_name()


@contextmanager
def terminal() -> Iterator[int]:
    """Give the process a terminal; yield the descriptor of whoever sits before it.

    Not a fixture: pytest puts its own streams in place between the fixtures and the test.
    """
    person, side = os.openpty()
    with (
        pytest.MonkeyPatch.context() as patch,
        os.fdopen(side, "r", closefd=False) as stdin,
        os.fdopen(side, "w", closefd=False) as stderr,
    ):
        patch.setattr(sys, "stdin", stdin)
        patch.setattr(sys, "stderr", stderr)
        yield person
    os.close(person)
    os.close(side)


def read(person: int) -> bytes:
    """Return what stands on the terminal."""
    assert [person] == select.select([person], [], [], 30)[0]
    return os.read(person, 100)


@pytest.mark.parametrize(
    ("answer", "expected"), [("y", True), ("yes", True), (" Y ", True), ("", False), ("n", False), ("yesno", False)]
)
async def test_ask(answer: str, expected: bool) -> None:
    """Every answer but yes means no."""
    with terminal() as person:
        asking = asyncio.create_task(ask("Really?"))
        assert b"Really? [y/N] " == await asyncio.to_thread(read, person)
        assert not asking.done()
        os.write(person, answer.encode() + b"\n")
        assert expected is await asyncio.wait_for(asking, 30)


async def test_nobody_answers() -> None:
    """The wait can be ended."""
    with terminal() as person:
        asking = asyncio.create_task(ask("Really?"))
        await asyncio.to_thread(read, person)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


def test_terminals(tmp_path: Path) -> None:
    """A question is possible if both stdin and stderr are terminals."""
    with terminal(), (tmp_path / "log").open("w") as log, pytest.MonkeyPatch.context() as patch:
        assert is_terminal()
        patch.setattr(sys, "stderr", log)
        assert not is_terminal()
        patch.setattr(sys, "stdin", None)
        assert not is_terminal()

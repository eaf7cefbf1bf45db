"""Asking the owner of a spool for what is in its log."""

import asyncio
import threading
from pathlib import Path

import pytest

from gateway.spool.log.asking import answer, ask, ask_and_wait, is_asked
from gateway.spool.log.files import make_log_folder, path_of
from gateway.spool.log.records import SEGMENT_HEAD_SIZE


def test_nothing_to_ask_for(tmp_path: Path) -> None:
    """Nobody is asked while there is nothing in the log."""
    ask_and_wait(tmp_path)
    make_log_folder(tmp_path)
    ask(tmp_path)
    assert not is_asked(tmp_path)


def hold(folder: Path) -> None:
    """Put something into a log."""
    make_log_folder(folder)
    path_of(folder, 1).write_bytes(b"x" * (SEGMENT_HEAD_SIZE + 100))


async def test_until_it_is_answered(tmp_path: Path) -> None:
    """Who asks waits for the answer; there may be something new in the log then."""
    hold(tmp_path)
    waiting = asyncio.create_task(asyncio.to_thread(ask_and_wait, tmp_path, 60.0))
    while not is_asked(tmp_path):
        await asyncio.sleep(0.001)
    assert not waiting.done()
    answer(tmp_path)
    await waiting


def test_nobody_answers(tmp_path: Path) -> None:
    """The wait has an end."""
    hold(tmp_path)
    thread = threading.Thread(target=ask_and_wait, args=(tmp_path, 0.01))
    thread.start()
    thread.join(60)
    assert (False, True) == (thread.is_alive(), is_asked(tmp_path))


def test_it_cannot_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks then: the owner goes on."""

    def fail(*_arguments: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", fail)
    assert not is_asked(tmp_path)

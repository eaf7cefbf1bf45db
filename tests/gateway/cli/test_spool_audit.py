"""Commands of ``hilum spool`` whose event cannot be written to the audit trail."""

import asyncio
import os
from argparse import Namespace
from pathlib import Path

import pytest
import structlog

from gateway.audit import opening, sink_queue
from gateway.cli import spool_audit, spool_commands, spool_decisions, spool_export
from gateway.contract.acts import Act
from tests.gateway.cli.operators import Operator
from tests.gateway.spooled import Spooled

COMMANDS = {
    "retry": (
        ["--destination", "store"],
        "retried: 2\n",
        "retried: 2 spooled entries; destination: store; state: parked",
    ),
    "discard": (
        ["--destination", "store", "--reason", "sent by hand", "--yes"],
        "discarded: 2\n",
        "discarded: 2 spooled entries; destination: store; state: parked",
    ),
    "move": (
        ["--from", "store", "--to", "other"],
        "moved: 2\n",
        "moved to other: 2 spooled entries; destination: store",
    ),
}
MISSING = (
    "by alice: this is done, but its event is not in the audit trail (file: No space left on device); keep this line as"
    " the record, and correct the sink"
)


@pytest.fixture
def full_disk(operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the operator an audit file on a disk that is full from now on; return its path."""
    path, write = tmp_path / "audit.jsonl", os.write

    def write_where_there_is_room(descriptor: int, data: bytes) -> int:
        is_full = path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())
        return write(descriptor, data[: len(data) // 2] if is_full else data)

    operator.audit(path)
    path.touch()  # making a file may take long on a busy disk, and the sink has to fail within the grace
    monkeypatch.setattr(sink_queue, "log", structlog.wrap_logger(structlog.ReturnLogger()))
    monkeypatch.setattr(opening, "GRACE_SECONDS", 2)
    for each in (spool_commands, spool_decisions, spool_export):
        monkeypatch.setattr(each, "operator_name", lambda: "alice")
    monkeypatch.setattr(os, "write", write_where_there_is_room)
    return path


@pytest.mark.usefixtures("spooled", "full_disk")
@pytest.mark.parametrize("command", COMMANDS)
async def test_full_disk(operator: Operator, command: str) -> None:
    """What was done is printed; that its event is missing is an error, and the error has the whole event."""
    words, printed, event = COMMANDS[command]
    assert (1, printed.encode(), f"hilum: {event}; {MISSING}") == await operator(command, *words)


@pytest.mark.usefixtures("full_disk")
async def test_export(spooled: Spooled, operator: Operator, tmp_path: Path) -> None:
    """A payload that was written out without an event is told in the same way."""
    path = tmp_path / "message.hl7"
    line = f"hilum: exported: 1 spooled entries; IDs: {spooled.parked}; {MISSING}"
    assert (1, f"exported: {path}\n".encode(), line) == await operator("export", spooled.parked, path)


@pytest.mark.usefixtures("full_disk")
async def test_payload(spooled: Spooled, operator: Operator) -> None:
    """A payload on stdout stays as it is, and the error is on stderr."""
    status, out, err = await operator("show", spooled.parked, "--payload")
    assert (1, True) == (status, out.startswith(b"MSH|")), out
    assert "its event is not in the audit trail" in err


@pytest.mark.usefixtures("spooled", "full_disk")
async def test_two_errors(operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that fails in part keeps its own error, and the missing event is told too."""
    said = list[str]()
    monkeypatch.setattr("gateway.cli.spool_audit.say", said.append)
    folder = tmp_path / "exported"
    await operator("export", "--into", folder, "--destination", "store")
    status, _, err = await operator("export", "--into", folder, "--destination", "store")
    assert (1, "hilum: not all were exported") == (status, err)
    assert ["hilum: exported: 0 spooled entries"] == [each.partition(";")[0] for each in said]


@pytest.mark.usefixtures("full_disk")
async def test_interrupted_while_it_waits(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C while the event is being written is told that it is missing, too."""
    said = list[str]()
    monkeypatch.setattr("gateway.cli.spool_audit.say", said.append)
    monkeypatch.setattr(opening, "GRACE_SECONDS", 600)

    async def act() -> None:
        async with spool_audit.open_trail(Namespace(config=operator.config)) as tell:
            await tell(Act("alice", "retried: 1 spooled entries"))

    acting = asyncio.create_task(act())
    done, _ = await asyncio.wait({acting}, timeout=0.1)
    assert set() == done
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting
    assert ["(interrupted)"] == [each[each.index("(") : each.index(")") + 1] for each in said]

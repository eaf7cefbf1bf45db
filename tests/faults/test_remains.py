"""What has been delivered is in no file under the data directory any more, while the gateway runs and when it ends."""

import asyncio
from pathlib import Path

from gateway.spool import State
from tests.faults.commit_mode import committing, http, until_states
from tests.faults.peers import hl7
from tests.faults.sink import Sink
from tests.mllp_client import code_of, mllp_client
from tests.processes import serving

NAME = b"SCHWEITZER^ADELE"
LIMITS = "min_free_bytes: 0, inline_bytes: 4096"


def named(control_id: str, size: int = 0) -> bytes:
    """Return a message that names its patient at its start and at its end."""
    return hl7(control_id, size) + b"PID|1||4711||" + NAME + b"\r"


def files_with_the_name(data_dir: Path) -> list[str]:
    """Return the files that hold the patient's name."""
    return [path.name for path in data_dir.rglob("*") if path.is_file() and NAME in path.read_bytes()]


async def test_delivered(tmp_path: Path) -> None:
    """The name is in the spool while the store is down; soon after the delivery no file has it, nor the audit trail."""
    data, sink = tmp_path / "data", Sink()
    async with sink.up():
        pass
    text = committing(data, http(sink), spool=LIMITS)
    messages = [named(f"C{number}", size) for number, size in enumerate((0, 0, 3000, 6000))]
    async with serving(tmp_path, text) as (process, ports), mllp_client(ports["in"]) as client:
        assert ["AA"] * 4 == [code_of(await client.ask(each)) for each in messages]
        assert 2 <= len(files_with_the_name(data))  # the large one's own, and the log or the database
        async with sink.up():
            await sink.until_kept(messages)
            await until_states(data, {State.DELIVERED: 4})
            async with asyncio.timeout(60):
                while files_with_the_name(data):
                    await asyncio.sleep(0.05)
            assert "AA" == code_of(await client.ask(named("LAST")))
            await sink.until_kept([*messages, named("LAST")])
            process.process.terminate()
            await process.ended()
    assert [] == files_with_the_name(data)

"""HL7 libraries of Node.js: node-hl7-client and simple-hl7 as senders, node-hl7-server and simple-hl7 as receivers."""

import sys
from pathlib import Path

import pytest

from tests.mllp_client import adt
from tests.peers.gateway import MODES, running_site, until_stored
from tests.peers.programs import needs_node, node, run, running, until_listening
from tests.ports import free_port

pytestmark = [pytest.mark.slow, needs_node]


@pytest.mark.parametrize("script", ["node_hl7_client.js", "simple_hl7_client.js"])
async def test_sender(tmp_path: Path, script: str) -> None:
    """What a foreign sender sends over one connection is answered AA, message by message, in both modes."""
    sent: list[str] = []
    async with running_site(tmp_path) as site:
        for mode in MODES:
            control_ids = [f"{mode}-{number}" for number in range(5)]
            sent += control_ids
            status, said = await run(*node(script, site.ports[f"hl7-{mode}"], *control_ids))
            assert (0, [f"AA {each}" for each in control_ids]) == (status, said.splitlines())
        await until_stored(set(sent), site.control_ids)
        assert set(sent) == await site.control_ids()


@pytest.mark.parametrize("script", ["node_hl7_server.js", "simple_hl7_server.js"])
async def test_receiver(tmp_path: Path, script: str) -> None:
    """``hilum send hl7`` is understood by a foreign receiver, and finds the acknowledgement of each message.

    With each message node-hl7-server 2.5.0 takes and answers all that came before it on the connection once more.
    """
    port = free_port()
    control_ids = [f"C{number}" for number in range(5)]
    paths = [tmp_path / f"{control_id}.hl7" for control_id in control_ids]
    for path in paths:
        path.write_bytes(adt(path.stem))
    async with running(*node(script, port), folder=tmp_path) as said:
        await until_listening(port)
        status, printed = await run(sys.executable, "-m", "gateway", "send", "hl7", f"127.0.0.1:{port}", *paths)
    lines = [line.split()[:2] for line in printed.splitlines() if " in all: " not in line]
    assert (0, [["AA", each] for each in control_ids]) == (status, lines)
    assert control_ids == list(dict.fromkeys(said[1:]))

"""docs/how-to/route-hl7-to-hl7.md: its configurations are valid, and the router does what the page says."""

import re
import sys
from pathlib import Path

import pytest

from gateway.config.loading import parse
from tests.adapters.mllp.client.receiver import ack, receiving
from tests.certificates import Authority
from tests.mllp_client import adt, mllp_client
from tests.peers.programs import run
from tests.processes import serving

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "route-hl7-to-hl7.md"
ROUTER, CHANGED = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_changed_destination() -> None:
    """The destination with other answers is valid in the router's configuration."""
    whole = ROUTER.replace(ROUTER[ROUTER.index("destinations:") : ROUTER.index("  radiology:")], CHANGED)
    assert vars(parse(whole).destinations["lab"])["answers"] == {"AR": "park", "AE ERR-3 103": "retry"}


@pytest.mark.slow
async def test_router(tmp_path: Path) -> None:
    """Orders go to radiology over TLS, all else to the laboratory, and each sender gets the receiver's own answer."""
    authority = Authority(tmp_path)
    own, message = authority.issue("hilum", key=2), tmp_path / "message.hl7"
    tls = authority.server(authority.issue("ris"), demand=True)
    order = adt("C2").replace(b"ADT^A01^ADT_A01", b"ORM^O01")
    message.write_bytes(adt("C1"))
    async with receiving() as lab, receiving(tls=tls) as radiology:
        text = ROUTER.replace("port: 2575\n    allow_networks: [10.1.0.0/16]", "port: 0")
        text = text.replace("lab.ward.example\n    port: 2575", f"127.0.0.1\n    port: {lab.port}")
        text = text.replace("ris.ward.example\n    port: 2576", f"127.0.0.1\n    port: {radiology.port}")
        text = text.replace("/etc/hilum/hospital-ca.pem", str(authority.certificate))
        text = text.replace("/etc/hilum/hilum.pem", str(own.certificate)).replace("/etc/hilum/hilum.key", str(own.key))
        text += f"data_dir: {tmp_path / 'data'}\nadmin: {{port: 0}}\n"
        async with serving(tmp_path, text) as (_, ports):
            port = ports["his"]
            status, said = await run(sys.executable, "-m", "gateway", "send", "hl7", f"127.0.0.1:{port}", message)
            async with mllp_client(port) as client:
                assert ack(order)[1:-2] == await client.ask(order)
    assert (0, ["AA", "C1"]) == (status, said.split()[:2])
    assert ([adt("C1")], [order]) == (lab.blocks, radiology.blocks)

"""One sender's messages stay in order although it connects anew for each, and workers share the port."""

from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.faults.commit_mode import committing, http
from tests.faults.sink import Sink
from tests.faults.workers import Workers, serving_workers
from tests.mllp_client import adt, code_of, mllp_client

pytestmark = pytest.mark.slow

CONNECTIONS = 20
SENDERS = [f"127.0.1.{number}" for number in range(1, 5)]


def skip_without_kernel(gateway: Workers) -> None:
    """Skip where the kernel does not choose the worker by address."""
    if any(each["event"] == "spread_not_possible" for each in gateway.process.events):
        pytest.skip("this kernel refuses SO_ATTACH_REUSEPORT_CBPF")


@pytest.mark.parametrize("spread", ["peer", "connection"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
async def test_order_survives_reconnects(tmp_path: Path, tls: bool, spread: str) -> None:
    """Twenty connections one after another bring their messages in order, whichever worker each of them reaches."""
    authority = Authority(tmp_path)
    listener, context = f"kind: mllp, port: 0, spread: {spread}", None
    if tls:
        pair = authority.issue("server")
        listener += f', tls: {{certificate_file: "{pair.certificate}", key_file: "{pair.key}"}}'
        context = authority.client()
    sink = Sink()
    sink.faults.latency = 0.03  # so that two workers would overtake one another
    async with sink.up():
        text = committing(tmp_path / "data", http(sink), listener) + "workers: 2\n"
        async with serving_workers(tmp_path, text) as gateway:
            skip_without_kernel(gateway)
            sent: dict[str, list[bytes]] = {sender: [] for sender in SENDERS}
            for number in range(CONNECTIONS):
                for sender in SENDERS:
                    sent[sender].append(adt(f"{sender}-{number:02}"))
                    async with mllp_client(gateway.port, context, address=sender) as client:
                        assert "AA" == code_of(await client.ask(sent[sender][-1]))
            await sink.until_kept([each for messages in sent.values() for each in messages])
    for sender, messages in sent.items():
        assert messages == [each for each in sink.bodies if f"|{sender}-".encode() in each]

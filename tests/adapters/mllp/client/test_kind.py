"""The kind ``mllp`` of destination."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.mllp.client.kind import EXCHANGES, MLLP_OUT
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.config.loading import parse
from gateway.contract.errors import ConfigError
from gateway.contract.kind import ExchangeCounter, Tools
from gateway.contract.once import OnePerGateway
from tests.adapters.mllp.client.receiver import ack, receiving
from tests.mllp_client import adt, mllp_client
from tests.running import relay, running_gateway


def settings(**more: object) -> MllpDestinationSettings:
    """Return settings."""
    return MllpDestinationSettings.model_validate({"kind": "mllp", "host": "lab.example", "port": 2575, **more})


def test_open(tmp_path: Path) -> None:
    """It is opened with its lock, its TLS contexts and its counter."""
    asked: list[object] = []

    def contexts(place: str, tls: object) -> Any:
        asked.append((place, tls))
        return object

    def once(thing: str) -> OnePerGateway:
        asked.append(thing)
        return OnePerGateway(tmp_path, thing)

    def counter(name: str, counted: ExchangeCounter) -> Any:
        asked.append((name, counted))
        return lambda _: None

    with_tls = settings(tls={})
    store = MLLP_OUT.open("lab", with_tls, Tools(contexts, {}, contexts, once, counter))
    assert [("destinations.lab.tls", with_tls.tls), "destination lab", ("lab", EXCHANGES)] == asked
    assert "mllps://lab.example:2575" == store.address


def test_in_the_clear() -> None:
    """A receiver on another machine without TLS is a notice."""
    assert ["host"] == [key for key, _ in MLLP_OUT.notices(settings(), [])]
    assert [] == list(MLLP_OUT.notices(settings(tls={}), []))
    assert [] == list(MLLP_OUT.notices(settings(host="127.0.0.1"), []))


CONFIG = """
listeners: {adt: {kind: mllp, port: 0}}
destinations: {lab: {kind: mllp, host: lab, port: 2575}}
routes: [{from: adt, to: lab}]
"""


def test_one_process() -> None:
    """With several workers it is a mistake of the configuration, which names the key and the mend."""
    parse(CONFIG)
    with pytest.raises(ConfigError, match=r"destinations\.lab: only one process .*set `workers: 1`"):
        parse(f"{CONFIG}workers: 2\n")


async def test_application_answer_over_a_listener(tmp_path: Path) -> None:
    """A message is delivered when the receiver's application acknowledgement comes in at a listener of the gateway."""
    enhanced = adt("C1").replace(b"|P|2.5.1", b"|P|2.5.1|||AL|AL")
    async with receiving(lambda block: ack(block, "CA")) as receiver:
        lab = f"kind: mllp, host: 127.0.0.1, port: {receiver.port}, settles: application, application_seconds: 60"
        text = f"{relay('kind: mllp, port: 0, acknowledge: commit', lab)}data_dir: {tmp_path}\n"
        text += "spool: {min_free_bytes: 0}\n"
        with capture_logs() as lines:
            async with running_gateway(text) as gateway, mllp_client(gateway.ports["in"]) as client:
                assert b"|CA|" in await client.ask(enhanced)
                async with asyncio.timeout(60):
                    await receiver.came.wait()
                    while not any(each["event"] == "message_delivered" for each in lines):
                        client.writer.write(ack(enhanced))
                        await asyncio.sleep(0.05)
    assert ["C1"] == receiver.ids

"""A gateway that writes into the DICOM store from which it reads."""

from pathlib import Path

import pytest

from adapters.rest.connecting.dialer import SYSTEM
from adapters.rest.dicomweb.remembering import RememberingDicomweb
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.ingested import IngestedNames
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.sending import DEFAULT, Address
from gateway.kinds import KINDS
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, running_cloud
from tests.dicom_files import make_series, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store
from tests.running import running_gateway
from tests.waiting import until


async def test_own_instances_do_not_come_back(tmp_path: Path) -> None:
    """What Hilum has stored is known when it comes back; what others have stored is delivered."""
    async with running_cloud(tmp_path / "cloud") as cloud:
        await cloud.subscribe("dicomStores/d")
        store = f"{cloud.sandbox.url}/{DATASET}/dicomStores/d"
        text = f"""
listeners:
  ct: {{kind: dimse, port: 0, acknowledge: relay}}
  from-cloud: {{kind: pubsub_dicom, subscription: {SUBSCRIPTION}, store: "{store}", pubsub_url: "{cloud.sandbox.url}",
    acknowledge: relay, settle_seconds: 1}}
destinations:
  store: {{kind: dicomweb, url: "{store}/dicomWeb"}}
  other: {{kind: dicomweb, url: "{cloud.sandbox.dicom_web_url("other")}"}}
routes:
  - {{from: ct, to: store}}
  - {{from: from-cloud, to: other}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
drain_seconds: 5
"""
        async with running_gateway(text) as gateway:
            own, theirs = make_series(tmp_path, 2)
            send = KINDS.listeners["dimse"].send
            assert send is not None
            address = Address("127.0.0.1", gateway.ports["ct"], "HILUM")
            assert ["0000"] == [each.answer async for each in send(address, [own], DEFAULT)]
            assert 200 == (await Store(cloud.sandbox, cloud.client)(theirs.read_bytes()))[0]
            await until(lambda: not cloud.outstanding)
        async with cloud.client.get(f"{cloud.sandbox.dicom_web_url('other')}/instances") as reply:
            found = [each["00080018"]["Value"][0] for each in await reply.json(content_type=None)]
    assert [sop_instance_uid(theirs.read_bytes())] == found


UID = "1.2.3"
OUTCOMES: dict[str, tuple[Outcome, bool]] = {
    "stored": (Stored(), True),
    "no answer": (Unavailable("silence", maybe_stored=True), True),
    "refused": (Refused("no"), False),
}


@pytest.mark.parametrize(("outcome", "is_known"), OUTCOMES.values(), ids=OUTCOMES)
@pytest.mark.parametrize("many", [False, True])
async def test_known_before_the_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, is_known: bool, many: bool
) -> None:
    """While an instance is being sent its UID is known to the listener; afterwards unless it was refused."""
    listener, known = IngestedNames(tmp_path, "s"), set[str]()

    async def deliver(self: Dicomweb, _: Message) -> Outcome:
        known.update(await listener.known([UID]))
        return outcome

    monkeypatch.setattr(Dicomweb, "deliver", deliver)
    settings = DicomwebSettings(kind="dicomweb", url="http://127.0.0.1:1/dicomWeb")
    message = Message("m", WholeBody(b""), {}, {"sop_instance_uid": UID})
    async with RememberingDicomweb("d", settings, SYSTEM, IngestedNames(tmp_path, "s")) as destination:
        outcomes = await destination.deliver_many([message]) if many else [await destination.deliver(message)]
    assert ([outcome], {UID}) == (outcomes, known)
    assert is_known is (await listener.known([UID]) == {UID})
    await listener.close()


async def test_refusal_of_what_was_stored_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A UID that Hilum has stored before is not forgotten when the store refuses another instance with it."""

    async def deliver(self: Dicomweb, _: Message) -> Outcome:
        return Refused("another one")

    monkeypatch.setattr(Dicomweb, "deliver", deliver)
    names = IngestedNames(tmp_path, "s")
    await names.expect([UID])
    settings = DicomwebSettings(kind="dicomweb", url="http://127.0.0.1:1/dicomWeb")
    async with RememberingDicomweb("d", settings, SYSTEM, names) as destination:
        await destination.deliver(Message("m", WholeBody(b""), {}, {"sop_instance_uid": UID}))
    assert {UID} == await names.known([UID])
    await names.close()

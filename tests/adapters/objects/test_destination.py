"""Messages become objects of a bucket: once each, under their keys, in relay and in commit mode."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.objects.destination import BucketDestination
from adapters.objects.destination_settings import BucketDestinationSettings
from adapters.objects.folder import Folder
from gateway.contract.body import Buffer, WholeBody
from gateway.contract.errors import StepRefused
from gateway.contract.message import Message
from gateway.contract.objects import BadKey, BucketAway, NotAllowed, NotThere
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.dicom_files import make_instance
from tests.mllp_client import mllp_client
from tests.running import running_gateway
from tests.waiting import until


class Arriving:
    """A body that can be read once."""

    length = None
    replayable = False

    def __init__(self, data: bytes, error: Exception | None = None) -> None:
        self._data, self._error = data, error

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the octets, and then fail as told."""
        data, self._data = self._data, b""
        for at in range(0, len(data), 700):
            yield data[at : at + 700]
        if self._error is not None:
            raise self._error


def destination(folder: Path, **settings: Any) -> BucketDestination:
    """Return a destination that writes into a folder."""
    found = BucketDestinationSettings.model_validate({"kind": "bucket", "bucket": "archive", **settings})
    return BucketDestination("copies", found, Folder(folder / "out"))


def instance(data: bytes, uid: str = "1.2.3", *, arriving: bool = False) -> Message:
    """Return a message with an instance."""
    body = Arriving(data) if arriving else WholeBody(data)
    return Message("1", body, {"protocol": "dimse"}, {"sop_instance_uid": uid})


def hl7(data: bytes = b"MSH|", **identifiers: str) -> Message:
    """Return an HL7v2 message."""
    return Message("1", WholeBody(data), {"protocol": "mllp", "message_type": "ADT^A01"}, identifiers)


def keys(folder: Path) -> list[str]:
    """Return the keys of all objects."""
    return sorted(str(each.relative_to(folder / "out")) for each in (folder / "out").rglob("*") if each.is_file())


@pytest.mark.parametrize("arriving", [True, False])
async def test_dicom(tmp_path: Path, arriving: bool) -> None:
    """An instance that comes again, also from another sender, is one object; another one is refused."""
    data = make_instance(tmp_path, 1, "1.2", "1.3").read_bytes()
    async with destination(tmp_path) as copies:
        assert await copies.probe() is None
        for each in (data, data, b"x" * 128 + data[128:]):
            assert await copies.deliver(instance(each, arriving=arriving)) == Stored()
        refused = await copies.deliver(instance(data[:-2] + b"xx", arriving=arriving))
        assert isinstance(refused, Refused)
        assert refused.code == "0111"
        assert await copies.probe() is None
    assert keys(tmp_path) == ["1.2/1.3/1.2.3.dcm"]
    assert (tmp_path / "out" / "1.2/1.3/1.2.3.dcm").read_bytes() == data


async def test_overwrite(tmp_path: Path) -> None:
    """Only what can be read again replaces an object."""
    data = make_instance(tmp_path, 1, "1.2", "1.3").read_bytes()
    other = data[:-2] + b"xx"
    copies = destination(tmp_path, on_conflict="overwrite", key="live/{instance}")
    assert await copies.deliver(instance(data)) == Stored()
    assert isinstance(await copies.deliver(instance(other, arriving=True)), Refused)
    assert await copies.deliver(instance(other)) == Stored()
    assert (tmp_path / "out" / "live" / "1.2.3").read_bytes() == other


async def test_hl7v2(tmp_path: Path) -> None:
    """Messages by what they are called, or by their octets."""
    digest = hashlib.sha256(b"MSH|").hexdigest()[:32]
    assert await destination(tmp_path).deliver(hl7()) == Stored()
    copies = destination(tmp_path, key="{message_type}/{control_id}-{digest}.hl7")
    assert await copies.deliver(hl7(control_id="../C1")) == Stored()
    assert isinstance(await copies.deliver(hl7()), Refused), "without a control ID there is no key"
    assert keys(tmp_path) == [f"ADT%5EA01/..%2FC1-{digest}.hl7", f"hl7v2/{digest}.hl7"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadKey("x"), Refused),
        (NotAllowed("x"), Unavailable),
        (NotThere("x"), Unavailable),
        (BucketAway("x"), Unavailable),
    ],
)
async def test_a_bucket_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Outcome]
) -> None:
    """What does not depend on the message is tried again later."""
    copies = destination(tmp_path)

    async def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(copies._bucket, "create", fail)
    assert isinstance(await copies.deliver(hl7()), kind)


async def test_a_body_that_fails(tmp_path: Path) -> None:
    """Nothing appears of it; a refusal of a step is passed on."""
    copies, refused = destination(tmp_path), StepRefused(Refused("no"))
    data = make_instance(tmp_path, 1, "1.2", "1.3").read_bytes()
    for error in (OSError("gone"), refused):
        message = Message("1", Arriving(data, error), {"protocol": "dimse"}, {"sop_instance_uid": "1.2.3"})
        if error is refused:
            with pytest.raises(StepRefused):
                await copies.deliver(message)
        else:
            assert isinstance(await copies.deliver(message), Unavailable)
    assert not (tmp_path / "out").exists() or keys(tmp_path) == []


@pytest.mark.parametrize("mode", ["relay", "commit"])
async def test_in_a_gateway(tmp_path: Path, mode: str) -> None:
    """A copy of what passes, in both modes."""
    text = f"""
listeners: {{lab: {{kind: mllp, port: 0, acknowledge: {mode}}}}}
destinations: {{copies: {{kind: bucket, bucket: archive, key: "live/{{control_id}}-{{digest}}.hl7"}}}}
buckets: {{archive: {{kind: folder, url: {tmp_path}/out}}}}
routes: [{{from: lab, to: copies}}]
data_dir: {tmp_path}/data
admin: {{port: 0}}
"""
    async with running_gateway(text) as running, mllp_client(running.ports["lab"]) as client:
        answer = await client.ask(b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|C1|P|2.5\rPID|1\r")
        assert b"MSA|AA|C1" in answer or b"MSA|CA|C1" in answer
        await until(lambda: (tmp_path / "out").exists() and len(keys(tmp_path)) == 1)
        await until(lambda: keys(tmp_path)[0].startswith("live/C1-"))

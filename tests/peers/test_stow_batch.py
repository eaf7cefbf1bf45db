"""Several instances in one request to Orthanc."""

from pathlib import Path

import pytest

from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from tests.dicom_files import data_set, make_series, sop_instance_uid
from tests.peers.orthanc import Orthanc, needs_orthanc, running_orthanc

pytestmark = [needs_orthanc, pytest.mark.slow]


def message(part10: bytes, uid: str | None = None) -> Message:
    """Return the message of a Part 10 file."""
    identifiers = {"sop_instance_uid": uid or sop_instance_uid(part10)}
    return Message(identifiers["sop_instance_uid"], WholeBody(part10), {}, identifiers)


async def store(orthanc: Orthanc, messages: list[Message]) -> list[Outcome]:
    """Deliver *messages* to *orthanc* in one batch."""
    settings = DicomwebSettings(kind="dicomweb", url=orthanc.dicom_web)
    async with Dicomweb("orthanc", settings) as dicomweb:
        return await dicomweb.deliver_many(messages)


async def test_twenty_instances(tmp_path: Path) -> None:
    """Orthanc stores twenty instances of one request unchanged, and says so again when they are sent again."""
    (tmp_path / "series").mkdir()
    series = [path.read_bytes() for path in make_series(tmp_path / "series", 20)]
    async with running_orthanc(tmp_path) as orthanc:
        for _ in range(2):
            assert [Stored()] * 20 == await store(orthanc, [message(part10) for part10 in series])
        stored = await orthanc.files()
    assert sorted(map(data_set, series)) == sorted(map(data_set, stored))


async def test_one_bad_instance_among_twenty(tmp_path: Path) -> None:
    """What Orthanc cannot read is refused, and the others are stored."""
    (tmp_path / "series").mkdir()
    series = [path.read_bytes() for path in make_series(tmp_path / "series", 19)]
    messages = [message(part10) for part10 in series]
    messages.insert(7, message(bytes(1000), "1.2.3"))
    async with running_orthanc(tmp_path) as orthanc:
        outcomes = await store(orthanc, messages)
        stored = await orthanc.files()
    assert isinstance(outcomes.pop(7), Refused)
    assert [Stored()] * 19 == outcomes
    assert sorted(map(data_set, series)) == sorted(map(data_set, stored))

"""What operators are told of DICOM peers: through a listener, from what a peer really sends."""

from collections.abc import Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.limits.shared import ProcessLimits
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, serving, until
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT, RawPeer, store_rq

ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
JPEG_2000 = "1.2.840.10008.1.2.4.90"


@pytest.fixture
def meter() -> RecordingMeter:
    """Return a meter that remembers."""
    return RecordingMeter()


async def noticed(meter: RecordingMeter, count: int = 1) -> list[Notice]:
    """Return what was noticed, once there is so much."""
    await until(lambda: len(meter.notices) >= count, 60)
    assert len(meter.notices) == count
    return meter.notices


async def test_wrong_called_title(meter: RecordingMeter) -> None:
    """The log and the notice say which title was asked for, and which are ours."""
    with capture_logs() as logs:
        async with serving(KeepingStore(), meter, called_ae_titles=["HILUM", "ARCHIVE"]) as listener:
            peer = await RawPeer.connect(listener.port)
            await peer.associate(called="HILUM1", calling="MR3")
            (notice,) = await noticed(meter)
            peer.vanish()
    details = {"called": "HILUM1", "ours": "ARCHIVE, HILUM", "calling": "MR3", "port": str(listener.port)}
    assert notice == Notice(Diagnosis(Cause.CALLED_AE_TITLE, details), "MR3", "127.0.0.1")
    (line,) = [each for each in logs if each["event"] == "association_rejected"]
    assert (line["called_ae_title"], line["ours"]) == ("HILUM1", ["ARCHIVE", "HILUM"])


async def test_calling_title_not_allowed(meter: RecordingMeter) -> None:
    """A peer that may not call is named with its address."""
    async with serving(KeepingStore(), meter, calling_ae_titles=["CT1"]) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.associate(calling="CT9")
        (notice,) = await noticed(meter)
        peer.vanish()
    details = {"calling": "CT9", "called": "HILUM", "port": str(listener.port)}
    assert notice == Notice(Diagnosis(Cause.CALLING_AE_TITLE, details), "CT9", "127.0.0.1")


async def test_refused_contexts(meter: RecordingMeter) -> None:
    """Each storage class that is refused is told of with its reason; in the log everything that is refused."""
    contexts = [
        (CT, [EXPLICIT]),
        (ENHANCED_PET, [EXPLICIT, IMPLICIT]),
        (ENHANCED_PET, [JPEG_2000]),
        (STUDY_ROOT_FIND, [IMPLICIT]),
        (CT, [JPEG_2000]),
    ]
    limits: dict[str, Any] = {"sop_classes": [CT], "transfer_syntaxes": [EXPLICIT, IMPLICIT]}
    with capture_logs() as logs:
        async with serving(KeepingStore(), meter, **limits) as listener:
            peer = await RawPeer.connect(listener.port)
            await peer.associate(calling="PET1", contexts=contexts)
            notices = await noticed(meter, 2)
            peer.vanish()
    assert {(each.peer, each.diagnosis.cause) for each in notices} == {("PET1", Cause.CONTEXTS_REFUSED)}
    common = {"accepted": "some", "proposed": "5"}
    pet, ct = (each.diagnosis.details for each in notices)
    names = pet["transfer_syntaxes"].split(", ")
    assert (len(names), names[0]) == (3, "Explicit VR Little Endian")
    assert pet == common | {
        "name": "Enhanced PET Image Storage",
        "sop_class": ENHANCED_PET,
        "uid": ENHANCED_PET,
        "transfer_syntaxes": ", ".join(names),
        "result": "3",
        "reason": "not in sop_classes",
    }
    assert ct == common | {
        "name": "CT Image Storage",
        "sop_class": CT,
        "transfer_syntaxes": names[2],
        "result": "4",
        "reason": "none of its transfer syntaxes is in transfer_syntaxes",
    }
    (line,) = [each for each in logs if each["event"] == "association_accepted"]
    assert (line["contexts"], line["proposed"]) == (1, 5)
    assert line["refused"] == [
        "Enhanced PET Image Storage: not in sop_classes (result 3)",
        "Enhanced PET Image Storage: not in sop_classes (result 3)",
        "Study Root Query/Retrieve Information Model - FIND: this listener offers no query (result 3)",
        "CT Image Storage: none of its transfer syntaxes is in transfer_syntaxes (result 4)",
    ]


@pytest.mark.parametrize(
    ("service", "reason"),
    [(STUDY_ROOT_FIND, "this listener offers no query"), (STORAGE_COMMITMENT, "this listener stores only")],
)
async def test_other_services(service: str, reason: str, meter: RecordingMeter) -> None:
    """A service besides storage is told of only if nothing is accepted: else the peer stores, and all is as usual."""
    async with serving(KeepingStore(), meter) as listener:
        for contexts in ([(CT, [EXPLICIT]), (service, [IMPLICIT])], [(service, [IMPLICIT])]):
            peer = await RawPeer.connect(listener.port)
            await peer.associate(calling="CT1", contexts=contexts)
            peer.vanish()
        (notice,) = await noticed(meter)
    details = notice.diagnosis.details
    assert (service, reason, "0", "1") == tuple(
        details[each] for each in ("sop_class", "reason", "accepted", "proposed")
    )


async def test_many_refused_contexts(meter: RecordingMeter) -> None:
    """Of many refused classes only the first are told of, and how many more there are."""
    contexts = [(f"1.2.3.{number}", [EXPLICIT]) for number in range(100)]
    with capture_logs() as logs:
        async with serving(KeepingStore(), meter, sop_classes=[CT]) as listener:
            peer = await RawPeer.connect(listener.port)
            await peer.associate(contexts=contexts)
            await noticed(meter, 8)
            peer.vanish()
    (line,) = [each for each in logs if each["event"] == "association_accepted"]
    assert (len(line["refused"]), line["refused"][-1]) == (9, "92 more")


@pytest.mark.parametrize(("contexts", "accepted"), [([(ENHANCED_PET, [EXPLICIT])], "0"), ([], "0")])
async def test_no_context(contexts: Sequence[Any], accepted: str, meter: RecordingMeter) -> None:
    """That no context is accepted, or none proposed, is a detail of its own."""
    async with serving(KeepingStore(), meter, sop_classes=[CT]) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.associate(contexts=contexts)
        (notice,) = await noticed(meter)
        peer.vanish()
    assert notice.diagnosis.cause is Cause.CONTEXTS_REFUSED
    assert (notice.diagnosis.details["accepted"], notice.diagnosis.details["proposed"]) == ("0", str(len(contexts)))


async def test_all_accepted(meter: RecordingMeter) -> None:
    """Nothing is noticed of an ordinary association, nor of a probe that only connects."""
    async with serving(KeepingStore(), meter) as listener:
        probe = await RawPeer.connect(listener.port)
        probe.writer.close()
        peer = await RawPeer.connect(listener.port)
        await peer.associate()
        await peer.send(store_rq(bytes(100)))
        assert await peer.status() == 0
        peer.vanish()
        await until(lambda: not listener.tasks, 60)
    assert meter.notices == []


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (b"\x16\x03\x01\x02\x00\x01", Cause.TLS_ON_PLAIN_PORT),
        (b"GET / HTTP/1.1\r\n\r\n", Cause.FRAMING),
    ],
)
async def test_other_protocols(sent: bytes, cause: Cause, meter: RecordingMeter) -> None:
    """A peer that speaks TLS is told from one that speaks something else."""
    async with serving(KeepingStore(), meter) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.send(sent)
        (notice,) = await noticed(meter)
        peer.vanish()
    assert (notice.peer, notice.diagnosis.cause) == ("127.0.0.1", cause)


async def test_networks_and_limits(meter: RecordingMeter) -> None:
    """A peer from another network, and one with too many associations, are told of."""
    async with serving(KeepingStore(), meter, allow_networks=["127.0.0.1/32"], max_connections_per_peer=1) as listener:
        stranger = await RawPeer.connect(listener.port, "127.0.0.2")
        await noticed(meter)
        first = await RawPeer.connect(listener.port)
        await first.associate(calling="CT1")
        await first.send(store_rq(bytes(100)))  # its place is proven now, so that the second one does not get it
        assert await first.status() == 0
        second = await RawPeer.connect(listener.port)
        await second.associate(calling="CT1")
        notices = await noticed(meter, 2)
        for each in (stranger, first, second):
            each.vanish()
    assert notices[0] == Notice(Diagnosis(Cause.NETWORK_NOT_ALLOWED), "127.0.0.2", "127.0.0.2")
    details = {"limit": "peer_limit", "connections": "1", "most": "1"}
    assert notices[1] == Notice(Diagnosis(Cause.PEER_LIMIT, details), "CT1", "127.0.0.1")


async def test_rate(meter: RecordingMeter) -> None:
    """A peer that is slowed down is told of with the rate that is allowed."""
    limits = ProcessLimits(1 << 24)
    async with serving(KeepingStore(), meter, limits=limits, messages_per_second=2) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.associate(calling="CT1")
        for number in range(4):
            await peer.send(store_rq(bytes(100), uid=f"1.2.{number}"))
        await until(lambda: meter.notices, 60)
        peer.vanish()
    assert meter.notices[0] == Notice(Diagnosis(Cause.RATE, {"allowed": "2"}), "CT1", "127.0.0.1")


async def test_peer_that_gives_up(meter: RecordingMeter) -> None:
    """A peer that has sent its instance and leaves before the answer is told of, with how long it waited."""
    async with serving(StuckStore(), meter) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.associate(calling="CT1")
        await peer.send(store_rq(bytes(100)))
        await until(lambda: meter.sizes, 60)
        peer.vanish()
        (notice,) = await noticed(meter)
    assert (notice.peer, notice.diagnosis.cause) == ("CT1", Cause.PEER_GAVE_UP)
    assert 0 <= float(notice.diagnosis.details["seconds"]) < 60


async def test_peer_that_leaves(meter: RecordingMeter) -> None:
    """A peer that leaves in the middle of its instance, or between two, did not wait for an answer."""
    async with serving(StuckStore(), meter) as listener:
        for sent in (b"", store_rq(bytes(100))[:-10]):
            peer = await RawPeer.connect(listener.port)
            await peer.associate()
            await peer.send(sent)
            peer.vanish()
        await until(lambda: not listener.tasks, 60)
    assert meter.notices == []

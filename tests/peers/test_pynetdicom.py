"""pynetdicom's SCU against the listener: what it sends, how it leaves, what it is told."""

import asyncio
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom import dcmread
from pydicom.uid import JPEG2000, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, build_role

from adapters.dimse.requesting.sender import send
from gateway.contract.message import Message
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.contract.sending import Address
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, serving, until
from tests.adapters.dimse.raw_peer import VERIFICATION
from tests.dicom_files import data_set, make_series, shipped

PRIVATE = "1.3.12.2.1107.5.9.1"  # Siemens' CSA non-image
FIND = "1.2.840.10008.5.1.4.1.2.1.1"  # Patient Root Query/Retrieve Information Model - FIND
RETIRED = "1.2.840.10008.5.1.1.30"  # Hardcopy Color Image Storage
TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"


@pytest.fixture
def meter() -> RecordingMeter:
    """Return a meter that remembers."""
    return RecordingMeter()


@pytest.fixture
def store() -> KeepingStore:
    """Return a store that takes everything."""
    return KeepingStore()


def associate(port: int, *contexts: tuple[str, Any], called: str = "HILUM", **more: Any) -> Any:
    """Return pynetdicom's association, established or not."""
    entity = AE(ae_title="PYNETDICOM")
    entity.dimse_timeout = 2  # else a requestor that aborts waits half a minute for its own answer
    for context in contexts:
        entity.add_requested_context(*context)
    return entity.associate("127.0.0.1", port, ae_title=called, **more)


def stored_as(sop_class_uid: str, uid: str) -> pydicom.Dataset:
    """Return a small instance of *sop_class_uid*."""
    instance = dcmread(shipped("CT_small.dcm"))
    instance.SOPClassUID, instance.SOPInstanceUID = sop_class_uid, uid
    return instance


async def test_echo_and_release(store: KeepingStore, meter: RecordingMeter) -> None:
    """A C-ECHO succeeds and the release is agreed to."""

    def talk(port: int) -> tuple[int, bool]:
        association = associate(port, (VERIFICATION, ImplicitVRLittleEndian))
        status = association.send_c_echo().Status
        association.release()
        return status, association.is_released

    async with serving(store, meter) as listener:
        assert (0x0000, True) == await asyncio.to_thread(talk, listener.port)
    assert [] == meter.rejections


async def test_every_test_file_of_pydicom(store: KeepingStore, meter: RecordingMeter) -> None:
    """Every file in pydicom's wheel that says what it is arrives byte for byte, whatever it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the files are odd on purpose
        async with serving(store, meter) as listener:
            results = [each async for each in send(Address("127.0.0.1", listener.port, "HILUM"), [TEST_FILES])]
    reasons = [each.reason for each in results if each.status is None]
    stored = {each.sop_instance_uid: each for each in results if each.status is not None}
    assert {"0000"} == {each.status for each in stored.values()}
    assert len(stored) > 40
    assert set(reasons) <= {
        "not a DICOM Part 10 file",
        "SOP class, SOP instance or transfer syntax missing",
        "not sent: a DICOMDIR is an index, not an instance",
    }
    assert [] == [
        each.path.name
        for each in stored.values()
        if not each.path.read_bytes().endswith(data_set(store.bodies[each.sop_instance_uid]))
    ]


@pytest.mark.parametrize("sop_class", [PRIVATE, RETIRED, CTImageStorage], ids=["private", "retired", "known"])
async def test_sop_classes(store: KeepingStore, meter: RecordingMeter, sop_class: str) -> None:
    """A SOP class need not be known to be stored."""

    def talk(port: int) -> int:
        association = associate(port, (sop_class, ExplicitVRLittleEndian))
        try:
            return int(association.send_c_store(stored_as(sop_class, "1.2.3")).Status)
        finally:
            association.release()

    async with serving(store, meter) as listener:
        assert 0x0000 == await asyncio.to_thread(talk, listener.port)
    assert sop_class == store.messages[0].facts["sop_class_uid"]
    assert sop_class == dcmread(BytesIO(store.bodies["1.2.3"])).file_meta.MediaStorageSOPClassUID


async def test_negotiated(store: KeepingStore, meter: RecordingMeter) -> None:
    """Contexts are rejected one by one, with the right result, and roles are answered."""

    def talk(port: int) -> dict[str, object]:
        association = associate(
            port,
            (VERIFICATION, [ImplicitVRLittleEndian]),
            (FIND, [ImplicitVRLittleEndian]),
            (CTImageStorage, [JPEG2000]),
            (PRIVATE, [JPEG2000, ExplicitVRLittleEndian]),
            ext_neg=[build_role(PRIVATE, scu_role=True, scp_role=True)],
        )
        association.release()
        accepted = {cx.abstract_syntax: cx.transfer_syntax[0] for cx in association.accepted_contexts}
        return accepted | {cx.abstract_syntax: cx.result for cx in association.rejected_contexts}

    async with serving(store, meter, transfer_syntaxes=(ExplicitVRLittleEndian,)) as listener:
        assert {
            VERIFICATION: ImplicitVRLittleEndian,
            FIND: 3,
            CTImageStorage: 4,
            PRIVATE: ExplicitVRLittleEndian,
        } == await asyncio.to_thread(talk, listener.port)


REJECTIONS: dict[str, tuple[dict[str, Any], tuple[int, int, int], Rejection]] = {
    "called title": ({}, (1, 1, 7), Rejection.CALLED_AE_TITLE),
    "calling title": (
        {"called_ae_titles": ("OTHER",), "calling_ae_titles": ("CT1",)},
        (1, 1, 3),
        Rejection.CALLING_AE_TITLE,
    ),
}


@pytest.mark.parametrize(("settings", "code", "reason"), REJECTIONS.values(), ids=REJECTIONS)
async def test_rejected(
    store: KeepingStore, meter: RecordingMeter, settings: dict[str, Any], code: tuple[int, ...], reason: Rejection
) -> None:
    """A peer that is not welcome is told so when it asks, not aborted later."""

    def talk(port: int) -> tuple[bool, tuple[int, ...]]:
        # Where its own thread wakes only after the answer and the end, pynetdicom takes it for a failed connection.
        for _ in range(50):
            association = associate(port, (VERIFICATION, ImplicitVRLittleEndian), called="OTHER")
            if (answer := association.acceptor.primitive) is not None:
                break
        return association.is_rejected, (answer.result, answer.result_source, answer.diagnostic)

    async with serving(store, meter, **settings) as listener:
        assert (True, code) == await asyncio.to_thread(talk, listener.port)
    assert {reason} == set(meter.rejections)


OUTCOMES: dict[str, tuple[Outcome, int, str]] = {
    "warning": (Stored(code="B007"), 0xB007, ""),
    "refused": (Refused("the store does not understand it", code="C000"), 0xC000, "the store does not understand it"),
    "not supported": (Refused("not here", unsupported=True), 0x0122, "not here"),
}


@pytest.mark.parametrize(("outcome", "status", "comment"), OUTCOMES.values(), ids=OUTCOMES)
async def test_outcomes(meter: RecordingMeter, outcome: Outcome, status: int, comment: str) -> None:
    """A requestor gets status and Error Comment."""

    async def deliver(message: Message) -> Outcome:
        async for _ in message.body.chunks():
            pass
        return outcome

    def talk(port: int) -> tuple[int, str]:
        association = associate(port, (CTImageStorage, ExplicitVRLittleEndian))
        response = association.send_c_store(stored_as(CTImageStorage, "1.2.3"))
        association.release()
        return response.Status, response.get("ErrorComment", "")

    async with serving(deliver, meter) as listener:
        assert (status, comment) == await asyncio.to_thread(talk, listener.port)


LEAVING: dict[str, tuple[Callable[[Any], None], Rejection]] = {
    "abort": (lambda association: association.abort(), Rejection.PEER_ABORTED),
    "hang up": (lambda association: association.dul.socket.close(), Rejection.PEER_LOST),
}


@pytest.mark.parametrize(("leave", "reason"), LEAVING.values(), ids=LEAVING)
async def test_leaving_before_the_answer(
    meter: RecordingMeter, tmp_path: Path, leave: Callable[[Any], None], reason: Rejection
) -> None:
    """A requestor that leaves while its instance is with the store takes the request with it."""
    stuck = StuckStore()
    (path,) = make_series(tmp_path, 1)
    async with serving(stuck, meter) as listener:
        association = await asyncio.to_thread(associate, listener.port, (CTImageStorage, ExplicitVRLittleEndian))
        sending = asyncio.create_task(asyncio.to_thread(association.send_c_store, dcmread(path)))
        await stuck.is_reached.wait()
        await asyncio.to_thread(leave, association)
        await stuck.is_cancelled.wait()
        await until(lambda: not listener.tasks)
        await asyncio.gather(sending, return_exceptions=True)
    assert ([], [reason]) == (meter.answers, meter.rejections)

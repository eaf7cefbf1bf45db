"""An instance is read and edited while a peer sends it."""

import pytest
from pydicom.uid import CTImageStorage

from adapters.dicom.elements import read_elements
from adapters.dicom.step import EditDicom
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused
from tests.adapters.dicom.instances import SYNTAXES, edit, part10, plain, read, settings, written
from tests.adapters.dicom.test_originals import instance
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, serving
from tests.adapters.dimse.raw_peer import RawPeer, store_rq
from tests.dicom_files import data_set

UID, NEW = "1.2.3", "1.2.840.9"
PATIENT = 0x00100020


@pytest.mark.parametrize("syntax", SYNTAXES)
async def test_instance(syntax: str) -> None:
    """The values that a condition reads, and the octets for the store, do not depend on how the instance arrives."""
    file = written(instance(PixelData=bytes(300_000)), syntax, UID)
    step, store, seen = EditDicom(settings(set={"SOPInstanceUID": NEW})), KeepingStore(), []

    async def deliver(message: Message) -> Outcome:
        values, body = await read_elements(message.body, [PATIENT])
        seen.append(values)
        edited = await step(Message(message.message_id, body, message.facts, message.identifiers))
        return edited if isinstance(edited, Refused) else await store(edited)

    async with serving(deliver, RecordingMeter()) as listener:
        peer = await RawPeer.connect(listener.port)
        await peer.associate(contexts=[(CTImageStorage, [syntax])])
        await peer.send(store_rq(data_set(file), uid=UID, context_id=1, sop=CTImageStorage, max_pdu=4096))
        assert 0 == await peer.status()
        peer.vanish()
    assert [{PATIENT: "OLD"}] == seen
    assert plain(edit(file, set={"SOPInstanceUID": NEW})) == plain(
        part10(data_set(store.bodies[NEW]), syntax, deflate=False)
    )
    assert NEW == read(store.bodies[NEW]).file_meta.MediaStorageSOPInstanceUID

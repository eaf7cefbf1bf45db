"""Other projects' DICOM files: each goes through the listener byte for byte, or there is a good reason why not."""

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.dsutils import split_dataset

from gateway.contract.message import UID
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, serving
from tests.adapters.dimse.raw_peer import RELEASE_RQ, RawPeer, store_rq
from tests.dicom_files import data_set

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "dicom"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")

NO_DICOM = "not DICOM"
NO_UIDS = "names no SOP class or instance, neither in group 0002 nor in the data set"
NO_CONTEXT = "refused: its SOP class is no storage (a DICOMDIR)"
RELAYED = "relayed byte for byte"
UNLIKE = "answered A900"
NAMED_OTHERWISE = {"3gb-bulk-data-truncated.dcm"}
"""Files whose data set says something else than a UID, so that they are sent under another name."""


@dataclass
class Sendable:
    """What a requestor has to know of a file."""

    sop_class: str
    uid: str
    transfer_syntax: str
    octets: bytes
    """The data set as it is in the file."""


def sendable(path: Path) -> Sendable | str:
    """Return what is to be sent of *path*, or why nothing can be.

    The instance is named by its data set, and by group 0002 where the data set has no name that is one.
    """
    if path.suffix == ".xml":
        return NO_DICOM
    try:
        meta, offset = split_dataset(path)
    except InvalidDicomError:
        meta, offset = None, 0
    whole = dcmread(path, force=True, stop_before_pixels=True)
    sop_class = (meta and meta.get("MediaStorageSOPClassUID")) or whole.get("SOPClassUID")
    named = str(whole.get("SOPInstanceUID", ""))
    uid = named if UID.fullmatch(named) else meta and meta.get("MediaStorageSOPInstanceUID")
    if not (sop_class and uid):
        return NO_UIDS
    implicit, little = whole.original_encoding
    guess = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    syntax = (meta and meta.get("TransferSyntaxUID")) or guess
    return Sendable(str(sop_class), str(uid), str(syntax), path.read_bytes()[offset:])


async def relay(peer: RawPeer, file: Sendable, store: KeepingStore) -> str:
    """Send *file* on an association of its own and return what became of it."""
    accept = await peer.associate(contexts=[(file.sop_class, [file.transfer_syntax])])
    assert accept[:1] == b"\2"
    result = accept[accept.index(b"\x21\0", 74) + 6]
    if result:
        return NO_CONTEXT if result == 3 else f"context rejected with {result}"
    await peer.send(store_rq(file.octets, uid=file.uid, context_id=1, sop=file.sop_class, max_pdu=131072))
    status = await peer.status()
    await peer.send(RELEASE_RQ)
    await peer.receive()
    if status:
        return f"answered {status:04X}"
    return RELAYED if data_set(store.bodies[file.uid]) == file.octets else "arrived different"


async def test_corpus(record_property: Callable[[str, object], None]) -> None:
    """Each file arrives as it is, or is none that a storage SCP could take."""
    store, fates = KeepingStore(), dict[Path, str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the files are odd; that is what they are for
        async with serving(store, RecordingMeter()) as listener:
            for path in sorted(each for each in CORPUS.rglob("*") if each.is_file()):
                file = sendable(path)
                if isinstance(file, Sendable):
                    peer = await RawPeer.connect(listener.port)
                    fates[path] = await relay(peer, file, store)
                    peer.vanish()
                else:
                    fates[path] = file
    counts = Counter(fates.values())
    for fate, count in counts.items():
        record_property(fate, count)
        print(f"{count:4} {fate}")  # noqa: T201  the counts are a result
    assert set(counts) <= {RELAYED, NO_DICOM, NO_UIDS, NO_CONTEXT, UNLIKE}
    assert NAMED_OTHERWISE == {path.name for path, fate in fates.items() if fate == UNLIKE}
    assert counts[RELAYED] > len(fates) * 0.9
    assert [] == [
        path.name
        for path, fate in fates.items()
        if (fate == NO_CONTEXT) != path.name.startswith("DICOMDIR") or (fate == NO_DICOM) != (path.suffix == ".xml")
    ]

"""What is made of a C-STORE-RQ: a header that pydicom reads, and the facts."""

from io import BytesIO

import pytest
from pydicom import dcmread

from adapters.dimse.protocol.command import Request
from adapters.dimse.protocol.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.protocol.negotiation import Context
from adapters.dimse.storage import facts_of, part10_header
from tests.adapters.dimse.raw_peer import CT, EXPLICIT
from tests.dicom_files import data_set

REQUEST = Request(1, 7, True, CT, "1.2.30")
CONTEXT = Context(CT, EXPLICIT)
NAME = bytes.fromhex("10001000504e0800") + b"DOE^JOHN"  # (0010,0010) PN


@pytest.mark.parametrize("title", ["CT1", "CT 1"], ids=["odd", "even"])
def test_header(title: str) -> None:
    """It is a Part 10 header with everything the standard asks for, and the data set follows."""
    file = dcmread(BytesIO(part10_header(REQUEST, CONTEXT, title) + NAME))
    meta = file.file_meta
    assert b"\0\1" == meta.FileMetaInformationVersion
    assert (CT, "1.2.30", EXPLICIT) == (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
        meta.TransferSyntaxUID,
    )
    assert (IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, title) == (
        meta.ImplementationClassUID,
        meta.ImplementationVersionName,
        meta.SourceApplicationEntityTitle,
    )
    assert "DOE^JOHN" == file.PatientName


def test_group_length() -> None:
    """The length of group 0002 leads exactly to the data set."""
    assert NAME == data_set(part10_header(REQUEST, CONTEXT, "CT1") + NAME)


def test_no_source_title() -> None:
    """A peer without a title leaves no element."""
    assert "SourceApplicationEntityTitle" not in dcmread(BytesIO(part10_header(REQUEST, CONTEXT, "") + NAME)).file_meta


def test_facts() -> None:
    """Routes may read who, what and where from."""
    assert {
        "protocol": "dimse",
        "listener": "modalities",
        "peer_ip": "10.0.0.1",
        "calling_ae_title": "CT1",
        "called_ae_title": "HILUM",
        "sop_class_uid": CT,
        "transfer_syntax_uid": EXPLICIT,
    } == facts_of(REQUEST, CONTEXT, ("CT1", "HILUM"), "modalities", "10.0.0.1")


def test_absent_facts() -> None:
    """A fact that is not known has no key."""
    assert "calling_ae_title" not in facts_of(REQUEST, CONTEXT, ("", "HILUM"), "modalities", "10.0.0.1")

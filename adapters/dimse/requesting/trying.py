"""Reads an instance from a file as if a listener had received it, and shows it as text lines; for ``hilum try``."""

import warnings
from collections.abc import Iterator
from io import BytesIO

import pydicom
from pydicom.errors import InvalidDicomError

from gateway.contract.body import WholeBody
from gateway.contract.message import UID, Message

FACTS = {"sop_class_uid": "MediaStorageSOPClassUID", "transfer_syntax_uid": "TransferSyntaxUID"}


def read_file(data: bytes, listener: str) -> Iterator[Message]:
    """Yield the instance of a Part 10 file (PS3.10 7)."""
    try:
        meta = pydicom.dcmread(BytesIO(data), stop_before_pixels=True).file_meta
    except (InvalidDicomError, EOFError, ValueError, KeyError):
        raise ValueError("it is not a DICOM Part 10 file") from None
    found = {name: str(meta.get(keyword, "")) for name, keyword in FACTS.items()}
    uid = str(meta.get("MediaStorageSOPInstanceUID", ""))
    identifiers = {"sop_instance_uid": uid} if UID.fullmatch(uid) else {}
    facts = {"protocol": "dimse", "listener": listener, "peer_ip": "127.0.0.1", **{k: v for k, v in found.items() if v}}
    yield Message("1", WholeBody(data), facts, identifiers)


def lines(data: bytes) -> list[str]:
    """Return the elements of File Meta Information and data set; of pixel data only the length."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns about odd values
        instance = pydicom.dcmread(BytesIO(data))
    return [*str(instance.file_meta).splitlines(), *pydicom.Dataset.__str__(instance).splitlines()]

"""An instance in a file, as a listener would have received it."""

import pytest

from adapters.dimse.requesting.trying import lines, read_file
from gateway.contract.body import WholeBody
from tests.dicom_files import shipped


def test_instance() -> None:
    """Facts and name are those of its File Meta Information; the body is the file."""
    data = shipped("CT_small.dcm").read_bytes()
    (message,) = read_file(data, "ct")
    assert WholeBody(data) == message.body
    assert {"sop_instance_uid": "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"} == message.identifiers
    assert ("dimse", "ct", "1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.2") == tuple(
        message.facts[name] for name in ("protocol", "listener", "transfer_syntax_uid", "sop_class_uid")
    )


@pytest.mark.parametrize("data", [b"", b"hello"])
def test_no_instance(data: bytes) -> None:
    """A file that is no Part 10 file is named as that."""
    with pytest.raises(ValueError, match="it is not a DICOM Part 10 file"):
        list(read_file(data, "ct"))


def test_nameless_instance() -> None:
    """A file without File Meta Information has a message without a name."""
    (message,) = read_file(bytes(128) + b"DICM", "ct")
    assert {} == message.identifiers


def test_lines() -> None:
    """Each element is a line, and pixel data are not printed."""
    found = lines(shipped("CT_small.dcm").read_bytes())
    assert any("(0002,0010) Transfer Syntax UID" in line for line in found)
    assert any("(0010,0020) Patient ID" in line and "1CT1" in line for line in found)
    assert max(map(len, found)) < 500

"""The File Meta Information is found however the file is cut, and gets the new UIDs of the instance."""

import struct

import pytest

from adapters.dicom.encoding import Malformed
from adapters.dicom.file_meta import FileMeta, read
from tests.adapters.dicom.instances import EXPLICIT, element, part10

DATA_SET = element(0x00080060, "CS", b"CT")
FILE = part10(DATA_SET)
FRONT = FILE[: -len(DATA_SET)]
ODD = {
    "no group length": bytes(128) + b"DICM" + FRONT[144:],
    "a wrong group length": FRONT[:140] + b"\1\0\0\0" + FRONT[144:],
    "a version": FRONT + element(0x00020001, "OB", b"\0\1"),
}
BROKEN = {
    "no prefix": bytes(200),
    "no transfer syntax": bytes(128) + b"DICM" + element(0x00020003, "UI", b"1.2\0") + DATA_SET,
    "cut": FILE[:150],
    "implicit": bytes(128) + b"DICM" + struct.pack("<HHL", 2, 0x10, 4) + b"1.2\0" + DATA_SET,
    "endless": bytes(128) + b"DICM" + element(0x00020001, "OB", bytes(70_000), 90_000),
}


def front_of(file: bytes) -> FileMeta:
    """Return the front, which there must be."""
    found = read(file, is_whole=True)
    assert found is not None
    return found


@pytest.mark.parametrize("front", [FRONT, *ODD.values()], ids=["whole", *ODD])
def test_front(front: bytes) -> None:
    """It ends with group 0002, whatever its group length says."""
    found = front_of(front + DATA_SET)
    assert (front, EXPLICIT) == (found.raw, found.transfer_syntax)


def test_waits() -> None:
    """The result is None until its end has come."""
    for size in range(len(FRONT) + 2):
        assert read(FILE[:size], is_whole=False) is None
    assert front_of(FILE) == read(FILE[: len(FRONT) + 2], is_whole=False)


def test_no_data_set() -> None:
    """A file may end after its File Meta Information."""
    assert front_of(FRONT).raw == FRONT


@pytest.mark.parametrize("file", BROKEN.values(), ids=BROKEN)
def test_malformed(file: bytes) -> None:
    """A file that does not begin like a DICOM file is refused."""
    with pytest.raises(Malformed):
        assert front_of(file).transfer_syntax


@pytest.mark.parametrize("uid", ["1.2.3.4", "1.2.3.4.55"])
def test_changed(uid: str) -> None:
    """A new UID is padded, and the group length follows."""
    assert part10(b"", uid=uid) == front_of(FILE).changed({0x00020003: uid})


def test_unchanged() -> None:
    """The same UID changes nothing, not even a wrong group length."""
    wrong = ODD["a wrong group length"]
    assert wrong == front_of(wrong).changed({0x00020003: "1.2.3"})


def test_added() -> None:
    """A UID that was absent is added at its position."""
    bare = bytes(128) + b"DICM" + element(0x00020010, "UI", EXPLICIT.encode() + b"\0")
    assert bare[:132] + element(0x00020003, "UI", b"1.2\0") + bare[132:] == front_of(bare).changed({0x00020003: "1.2"})

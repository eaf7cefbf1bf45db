"""An instance that goes by is read as one that lies there, however it is cut."""

import pytest

from adapters.dicom.encoding import Malformed
from adapters.tables.dicom.reading import FIRST, read_object
from adapters.tables.dicom.streaming import Passing, read_passing
from tests.adapters.dicom.instances import element, item, part10
from tests.adapters.tables.messages import Pieces
from tests.dicom_files import shipped

ENCAPSULATED = part10(
    element(0x00100010, "PN", b"A^B ")
    + element(0x7FE00010, "OB", item(bytes(50_000)) + item(bytes(70_000)) + b"\xfe\xff\xdd\xe0\0\0\0\0", 0xFFFFFFFF)
    + element(0xFFFCFFFC, "OB", b"\0\0")
)


@pytest.mark.parametrize("size", [1, 7, 1000, FIRST, FIRST + 1, 10**6])
@pytest.mark.parametrize("octets", [shipped("CT_small.dcm").read_bytes(), ENCAPSULATED], ids=["native", "encapsulated"])
async def test_pieces(octets: bytes, size: int) -> None:
    """The instance does not depend on the pieces, and the file is read to its end."""
    if size == 1:
        octets = octets[:FIRST] if octets is ENCAPSULATED else octets[:7000]
        octets = part10(element(0x00100010, "PN", b"A^B ") * 20)

    async def read(first: int, count: int) -> bytes:
        return octets[first : first + count]

    instance, length = await read_passing(Pieces(octets, size).chunks())
    assert ((await read_object(read)).data_set, len(octets)) == (instance.data_set, length)


async def test_memory() -> None:
    """Of pixels nothing is kept."""
    passing, most = Passing(), 0
    octets = part10(element(0x00100010, "PN", b"A^B ") + element(0x7FE00010, "OW", bytes(5_000_000)))
    for at in range(0, len(octets), 10_000):
        passing.take(octets[at : at + 10_000])
        most = max(most, len(passing._kept))
    assert (len(octets), ["00100010"]) == (passing.size, list(passing.end().data_set.json))
    assert most < 2 * FIRST


@pytest.mark.parametrize("cut", [0, 100, 200, -1])
async def test_cut(cut: int) -> None:
    """A file that ends too early is refused."""
    with pytest.raises(Malformed):
        await read_passing(Pieces(ENCAPSULATED[:cut] if cut >= 0 else ENCAPSULATED[:-30], 1000).chunks())

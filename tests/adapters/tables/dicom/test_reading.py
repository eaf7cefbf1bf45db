"""Headers are read from few octets of a file, however it is cut."""

import random
import struct
from pathlib import Path

import pytest

from adapters.dicom.encoding import Malformed
from adapters.tables.dicom import reading
from adapters.tables.dicom.reading import FIRST, MORE, Span, read_file, read_object, scan
from tests.adapters.dicom.instances import DEFLATED, element, item, part10
from tests.dicom_files import shipped

UNDEFINED = 0xFFFFFFFF
NAME = element(0x00100010, "PN", b"A^B ")
AFTER = element(0xFFFCFFFC, "OB", b"\0\0")


def pixels(size: int) -> bytes:
    """Return pixel data of *size* octets."""
    return element(0x7FE00010, "OW", bytes(size))


def fragments(*sizes: int) -> bytes:
    """Return encapsulated pixels."""
    parts = b"".join(item(bytes(size)) for size in sizes)
    return element(0x7FE00010, "OB", parts + b"\xfe\xff\xdd\xe0\0\0\0\0", UNDEFINED)


def written(path: Path, data_set: bytes, syntax: str = "1.2.840.10008.1.2.1") -> Path:
    """Write a file with this data set."""
    path.write_bytes(part10(data_set, syntax))
    return path


def test_few_octets(tmp_path: Path) -> None:
    """Of half a megabyte the pixels are not read, and what is behind them is."""
    file = written(tmp_path / "x", NAME + pixels(500_000) + AFTER)
    found = read_file(file)
    assert ["00100010", "FFFCFFFC"] == list(found.data_set.json)
    assert sum(each.count for each in found.spans) <= FIRST + MORE < 0.15 * file.stat().st_size


@pytest.mark.parametrize(
    "data_set",
    [
        NAME + fragments(0, 70_000, 10) + AFTER,
        NAME + element(0x00420011, "OB", bytes(100_000)) + AFTER,
        NAME + pixels(0) + AFTER,
    ],
)
def test_jumps(tmp_path: Path, data_set: bytes) -> None:
    """Fragments and bulk data are jumped over."""
    assert ["00100010", "FFFCFFFC"] == list(read_file(written(tmp_path / "x", data_set)).data_set.json)


def test_long_header(tmp_path: Path) -> None:
    """A header that is longer than the first span is read to its end."""
    items = b"".join(item(element(0x00080100, "SH", f"{each:04}".encode())) for each in range(5000))
    long = element(0x00081140, "SQ", items + b"\xfe\xff\xdd\xe0\0\0\0\0", UNDEFINED)
    found = read_file(written(tmp_path / "x", long + NAME + pixels(100_000)))
    assert 5000 == len(found.data_set.items["00081140"])
    assert "00100010" in found.data_set.json


def test_deflated(tmp_path: Path) -> None:
    """A deflated data set is inflated; what is cut off or too large is refused."""
    file = written(tmp_path / "x", NAME + pixels(500_000), DEFLATED)
    assert ["00100010"] == list(read_file(file).data_set.json)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(Malformed, match="ends too early"):
        read_file(file)


def test_inflates_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that inflates to more than the limit is refused."""
    monkeypatch.setattr(reading, "MOST_INFLATED", 100_000)
    with pytest.raises(Malformed, match="inflates to more than"):
        read_file(written(tmp_path / "x", pixels(500_000), DEFLATED))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes(200),
        part10(b"")[:150],
        part10(NAME)[:-1],
        part10(NAME + pixels(100_000))[:-1],
        part10(NAME + fragments(100_000))[:-20],
        part10(NAME + element(0x7FE00010, "OB", item(b"", UNDEFINED), UNDEFINED)),
    ],
    ids=range(7),
)
def test_malformed(tmp_path: Path, octets: bytes) -> None:
    """What is no instance, or ends too early, is refused."""
    (tmp_path / "x").write_bytes(octets)
    with pytest.raises(Malformed):
        read_file(tmp_path / "x")


def test_many_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of elements is limited: each takes memory, however short it is."""
    monkeypatch.setattr(reading, "MOST_ELEMENTS", 10)
    many = b"".join(element(0x00091000 + each, "UN", b"") for each in range(11))
    with pytest.raises(Malformed, match="more than 10 elements"):
        read_file(written(tmp_path / "x", many))


async def test_object() -> None:
    """An object is read by ranges; whether its size is known makes no difference but for the last request."""
    octets = shipped("CT_small.dcm").read_bytes()

    async def read(first: int, count: int) -> bytes:
        return octets[first : first + count]

    known, unknown = await read_object(read, len(octets)), await read_object(read)
    assert known.data_set == unknown.data_set == read_file(shipped("CT_small.dcm")).data_set
    assert known.spans == [Span(0, FIRST)] or len(known.spans) <= len(unknown.spans)


def test_any_octets() -> None:
    """Whatever is in a file, it is read or refused: a thousand damaged instances raise nothing else."""
    chance = random.Random(24)
    whole = shipped("CT_small.dcm").read_bytes()[:6000]
    for _ in range(300):
        octets = bytearray(whole[: chance.randrange(300, len(whole))])
        for _ in range(chance.randrange(1, 8)):
            struct.pack_into("<H", octets, chance.randrange(132, len(octets) - 2), chance.randrange(65536))
        reading_now = scan(len(octets))
        try:
            span = next(reading_now)
            while True:
                span = reading_now.send(bytes(octets[span.first : span.first + span.count]))
        except (StopIteration, Malformed):
            pass

"""Snappy is undone."""

import pytest

from adapters.pipeline.gate.parquet.snappy import SnappyError, decompressed

WRITTEN = {
    "nothing": ("00", b""),
    "a literal": ("03 08 61 62 63", b"abc"),
    "a literal with a length of its own": ("46 f0 45" + "61" * 70, b"a" * 70),
    "another length than it says": ("06 08 61 62 63 05 03", None),
    "a copy of three octets": ("07 08 61 62 63 01 03", b"abcabca"),
    "a copy with two octets": ("06 08 61 62 63 0a 03 00", b"abcabc"),
    "a copy with four octets": ("06 08 61 62 63 0b 03 00 00 00", b"abcabc"),
    "a copy that overlaps": ("0a 00 61 22 01 00", b"a" * 10),
    "a copy that overlaps with two": ("07 04 61 62 01 02 00 78", b"abababx"),
}


@pytest.mark.parametrize(("written", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_decompressed(written: str, expected: bytes | None) -> None:
    """Each kind of element, as the format's description has it; what has another length than it says is refused."""
    if expected is None:
        with pytest.raises(SnappyError):
            decompressed(bytes.fromhex(written), 100)
    else:
        assert decompressed(bytes.fromhex(written), 100) == expected


@pytest.mark.parametrize("written", ["", "ff", "05 08 61", "03 01 01", "03 08 61 62 63 00 61", "ff ff ff ff ff ff 01"])
def test_wrong(written: str) -> None:
    """What Snappy does not write raises one error."""
    with pytest.raises(SnappyError):
        decompressed(bytes.fromhex(written), 100)


def test_most() -> None:
    """No more is made than was asked for."""
    with pytest.raises(SnappyError, match="longer"):
        decompressed(bytes.fromhex("0a 00 61 22 01 00"), 9)

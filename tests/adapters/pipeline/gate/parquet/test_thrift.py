"""Structures in Thrift's compact protocol."""

import pytest

from adapters.pipeline.gate.parquet.thrift import Reader, ThriftError

OCTETS = bytes.fromhex(
    "15 04"  # field 1: i32 2
    "18 03 61 62 63"  # field 2: binary abc
    "19 35 02 04 06"  # field 3: a list of three i32: 1, 2, 3
    "11"  # field 4: true
    "2c 15 01 00"  # field 6: a structure with field 1: -1
    "07 f0 01 00 00 00 00 00 00 f0 3f"  # field 120, not by a difference: a double
    "19 21 01 02"  # field 121: a list of two truth values
    "13 05"  # field 122: an octet
    "00"
)


def test_struct() -> None:
    """Every sort of value that Parquet has."""
    reader = Reader(OCTETS + b"more")
    found = reader.struct()
    assert bytes(found.pop(120)) == bytes.fromhex("00 00 00 00 00 00 f0 3f")
    assert found == {1: 2, 2: b"abc", 3: [1, 2, 3], 4: True, 6: {1: -1}, 121: [True, False], 122: 5}
    assert reader.at == len(OCTETS)


WRONG = {
    "a map": "1b 00",
    "an unknown kind": "1d 00",
    "a list longer than what is left": "19 f5 ff ff 01",
    "octets longer than what is left": "18 09 61",
    "a number without an end": "15" + " ff" * 12,
    "too deep": "1c" * 40,
    "nothing": "",
}


@pytest.mark.parametrize("octets", WRONG.values(), ids=WRONG)
def test_wrong(octets: str) -> None:
    """What is no structure raises one error."""
    with pytest.raises(ThriftError):
        Reader(bytes.fromhex(octets)).struct()


def test_cut() -> None:
    """A structure that ends anywhere else is none."""
    for end in range(len(OCTETS)):
        with pytest.raises(ThriftError):
            Reader(OCTETS[:end]).struct()


def test_lists_in_lists() -> None:
    """Lists in lists without an end are an error, and not one of Python's recursion."""
    with pytest.raises(ThriftError, match="too many others"):
        Reader(b"\x19" * 5000 + bytes(5000)).struct()

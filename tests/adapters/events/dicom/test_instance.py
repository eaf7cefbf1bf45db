"""Names in notifications, and instances in replies."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.events.dicom.instance import Instance, InstanceAddresses, read_instance
from gateway.contract.outcome import Unavailable
from tests.dicom_files import make_instance, sop_instance_uid

STORE = "projects/p/locations/l/datasets/d/dicomStores/s"
NAME = f"{STORE}/dicomWeb/studies/1.2/series/1.2.3/instances/1.2.3.4"
ADDRESSES = InstanceAddresses(f"https://store.example/v1/{STORE}/")
PREAMBLE = bytes(128) + b"DICM"
OTHERS = [
    "",
    "name",
    NAME.replace("/s/", "/t/"),
    NAME.replace("1.2.3.4", "../../x"),
    NAME.replace("1.2.3.4", "1.2.3.4?x"),
    NAME.replace("1.2.3.4", ".."),
    f"{NAME}/frames/1",
    NAME.removesuffix("/instances/1.2.3.4"),
]


def test_names() -> None:
    """Only the name of an instance of this store is one; it leads to the store."""
    assert ADDRESSES.is_name(NAME)
    assert f"https://store.example/v1/{NAME}" == ADDRESSES.instance(NAME)
    assert [] == [each for each in OTHERS if ADDRESSES.is_name(each)]


def test_instance(tmp_path: Path) -> None:
    """The facts are those of the File Meta Information."""
    data = make_instance(tmp_path, 1, "1.2", "1.2.3").read_bytes()
    uid = sop_instance_uid(data)
    found = read_instance(data, f"{STORE}/dicomWeb/studies/1.2/series/1.2.3/instances/{uid}")
    facts = {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.2", "transfer_syntax_uid": "1.2.840.10008.1.2.1"}
    assert Instance(data, uid, facts) == found
    assert isinstance(read_instance(data, NAME), Unavailable)  # another instance


@pytest.mark.parametrize(
    "data", [b"", b"<html>", bytes(200), bytes(128) + b"DICM", bytes(128) + b"DICM" + b"\2\0" * 99]
)
def test_no_instance(data: bytes) -> None:
    """Anything else is none."""
    assert isinstance(read_instance(data, NAME), Unavailable)


@given(st.binary(max_size=200))
def test_never_raises(data: bytes) -> None:
    """Whatever comes, it is read or not, without an error."""
    read_instance(bytes(128) + b"DICM" + data, NAME)
    ADDRESSES.is_name(data.decode("latin-1"))

"""What is found of an instance of which a notification has told."""

from collections.abc import Collection
from pathlib import Path

import pytest

from adapters.events.dicom.instance import InstanceAddresses, read_instance
from adapters.events.dicom.source import InstanceSource, naming
from adapters.events.getting import TOO_LARGE
from gateway.contract.meter import Passed
from tests.adapters.events.scripted import client_of, scripted
from tests.dicom_files import make_instance, sop_instance_uid

STORE = "projects/p/locations/l/datasets/d/dicomStores/s"


async def found(answer: object, uid: str = "1.2.3.4", own: Collection[str] = ()) -> object:
    """Return what is found of an instance if the store answers so."""

    async def known(names: Collection[str]) -> set[str]:
        return {*names} & {*own}

    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        source = InstanceSource(client, InstanceAddresses(f"{server.url}/v1/{STORE}"), known, 100_000)
        return await source.get(f"{STORE}/dicomWeb/studies/1.2/series/1.2.3/instances/{uid}")


async def test_instance(tmp_path: Path) -> None:
    """An instance is read."""
    data = make_instance(tmp_path, 1, "1.2", "1.2.3").read_bytes()
    uid = sop_instance_uid(data)
    name = f"{STORE}/dicomWeb/studies/1.2/series/1.2.3/instances/{uid}"
    assert read_instance(data, name) == await found(data, uid)


@pytest.mark.parametrize(
    ("answer", "own", "expected"),
    [(410, (), Passed.GONE), (500, {"1.2.3.4"}, Passed.OWN), (b"x" * 110_000, (), TOO_LARGE)],
)
async def test_others(answer: object, own: Collection[str], expected: object) -> None:
    """One that is gone, that Hilum has stored itself, or that is too large is none; its own is not even asked for."""
    assert expected == await found(answer, own=own)


def test_naming() -> None:
    """A log has the UID of the instance."""
    assert {"sop_instance_uid": "1.2.3.4"} == naming(f"{STORE}/dicomWeb/studies/1.2/series/1.2.3/instances/1.2.3.4")

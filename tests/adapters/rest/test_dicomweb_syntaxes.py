"""The same instance in another transfer syntax than the one that a DICOMweb store holds, over a real socket."""

from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path

import pytest
from aiohttp import web
from pydicom.dataset import Dataset

from adapters.rest.dicomweb import store as dicomweb
from adapters.rest.dicomweb.conflict import COMPARED_NEXT, INCOMPARABLE
from gateway.contract.outcome import Stored
from gateway.sandbox.server import Sandbox
from tests.adapters.rest.dicomweb.test_store import DIFFERS, UID, Store, arriving, destination, whole
from tests.adapters.rest.encodings import SYNTAXES, encode, instance

Start = Callable[..., Awaitable[str]]

IMPLICIT, EXPLICIT = (encode(instance(), SYNTAXES[name]) for name in ("implicit", "explicit"))


class Raw(Store):
    """A store that gives back what it holds as it is, in no other transfer syntax."""

    def _retrieve(self, transfer_syntax: str = "*") -> web.Response:
        if transfer_syntax != "*":
            return web.Response(status=406)
        return web.Response(body=self.held)


def other_rows(data_set: Dataset) -> Dataset:
    """Return a copy with another number of rows."""
    copy = Dataset.from_json(data_set.to_json())
    copy.Rows = 10
    return copy


@pytest.mark.parametrize("on_conflict", ["refuse", "overwrite"])
async def test_same_instance_in_another_transfer_syntax(serve: Start, on_conflict: str) -> None:
    """A replayable body is Stored at once; a streamed one when it is sent again."""
    store = Raw(IMPLICIT)
    async with destination(await serve(store), on_conflict=on_conflict) as dicomweb:
        assert Stored() == await dicomweb.deliver(whole(EXPLICIT))
        assert COMPARED_NEXT == await dicomweb.deliver(arriving(EXPLICIT))
        assert [UID] == list(dicomweb._compared_next)
        assert Stored() == await dicomweb.deliver(arriving(EXPLICIT))
        assert {} == dicomweb._compared_next
    assert IMPLICIT == store.held


async def test_another_instance_in_another_transfer_syntax(serve: Start) -> None:
    """Another instance is refused, at once or when it is sent again."""
    other = instance()
    other.Rows = 9
    del other[0x0029, 0x1002]
    store = Raw(encode(other, SYNTAXES["explicit"]))
    ours = encode(other_rows(other), SYNTAXES["big endian"])
    async with destination(await serve(store)) as dicomweb:
        assert DIFFERS == await dicomweb.deliver(whole(ours))
        assert COMPARED_NEXT == await dicomweb.deliver(arriving(ours))
        assert DIFFERS == await dicomweb.deliver(arriving(ours))


async def test_planned_comparisons_are_bounded(serve: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """If too many instances wait for comparison, the oldest is forgotten, and has its conflict again."""
    monkeypatch.setattr(dicomweb, "MAX_COMPARISONS", 1)
    async with destination(await serve(Raw(IMPLICIT))) as archive:
        archive._compared_next["1.9"] = None
        assert COMPARED_NEXT == await archive.deliver(arriving(EXPLICIT))
        assert [UID] == list(archive._compared_next)


async def test_study_that_is_sent_again(serve: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one instance that could not be compared, the content of the next ones is read while they are sent."""
    monkeypatch.setattr(dicomweb, "CONTENT_AHEAD", 2)
    async with destination(await serve(Raw(IMPLICIT))) as archive:
        outcomes = []
        for _ in range(4):
            outcomes.append(await archive.deliver(arriving(EXPLICIT)))
            archive._compared_next.clear()
    assert [COMPARED_NEXT, Stored(), Stored(), COMPARED_NEXT] == outcomes


async def test_incomparable_is_replaced(serve: Start) -> None:
    """If the instances cannot be compared, on_conflict decides."""
    store = Raw(IMPLICIT.replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.9\0"))
    async with destination(await serve(store)) as refusing:
        assert INCOMPARABLE == await refusing.deliver(whole(EXPLICIT))
    async with destination(await serve(store), on_conflict="overwrite") as replacing:
        assert Stored() == await replacing.deliver(whole(EXPLICIT))
    assert EXPLICIT == store.held


PAIRS = [pair for pair in product(SYNTAXES, SYNTAXES) if pair[0] != pair[1]]


@pytest.mark.parametrize(("held", "sent"), PAIRS)
async def test_sandbox(tmp_path: Path, held: str, sent: str) -> None:
    """In a strict store each uncompressed encoding of an instance is the instance."""
    files = {name: encode(instance(), SYNTAXES[name]) for name in (held, sent)}
    async with Sandbox(tmp_path / "data") as sandbox, destination(sandbox.dicom_web_url()) as store:
        outcomes = [await store.deliver(whole(files[name])) for name in (held, sent)]
        outcomes += [await store.deliver(arriving(files[sent])) for _ in range(2)]
    assert [Stored(), Stored(), COMPARED_NEXT, Stored()] == outcomes

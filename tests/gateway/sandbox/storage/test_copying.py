"""Copies, and one object of several."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.copying import compose, copied
from gateway.sandbox.storage.store import Conditions, Store
from tests.gateway.sandbox.storage.writing import put


async def test_copy(opened: Store, folder: Path) -> None:
    """A copy has the metadata of its source, or those that are given."""
    source = await put(opened, "a", b"12", {"contentType": "x/y", "metadata": {"k": "v"}})
    made = await copied(opened, source, "north", "b", {}, Conditions())
    assert ("x/y", {"k": "v"}) == (made.record.content_type, made.record.metadata)
    made = await copied(opened, source, "north", "b", {"contentType": "z/z"}, Conditions())
    assert ("z/z", {}) == (made.record.content_type, made.record.metadata)
    assert b"12" == (folder / "b").read_bytes()


async def test_onto_itself(opened: Store, folder: Path) -> None:
    """An object can be copied to its own name."""
    source = await put(opened, "a", b"12")
    await copied(opened, source, "north", "a", {"metadata": {"k": "v"}}, Conditions())
    assert b"12" == (folder / "a").read_bytes()


async def test_compose(opened: Store, folder: Path) -> None:
    """The contents stand one behind the other."""
    first = await put(opened, "a", b"12")
    await put(opened, "b", b"3")
    body = {"sourceObjects": [{"name": "a", "generation": str(first.file.generation)}, {"name": "b"}]}
    await compose(opened, "north", "c", body, Conditions())
    assert b"123" == (folder / "c").read_bytes()
    requests: tuple[dict[str, Any], ...] = (
        {},
        {"sourceObjects": []},
        {"sourceObjects": [{"name": "x"}]},
        {"sourceObjects": [{"name": "a", "generation": 1}]},
    )
    for wrong in requests:
        with pytest.raises(ReasonedError):
            await compose(opened, "north", "d", wrong, Conditions())
    assert ["a", "b", "c"] == sorted(each.name for each in folder.iterdir())

"""Which messages share a request."""

from collections.abc import Sequence

import pytest

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.flow.batching import Batch, groups
from gateway.spool.interface import Entry

FOUR = Batch(most=4, octets=20, wait=0.0)


def entry(name: str) -> Entry:
    """Return an entry from its name: the instance, ``!`` if an attempt has failed, and the size in ``x``."""
    instance, _, size = name.partition("x")
    uid = instance.removesuffix("!")
    message = Message(name, WholeBody(b""), {}, {"sop_instance_uid": uid} if uid else {})
    return Entry(name, "store", None, int(instance.endswith("!")), 0.0, len(size) + 1, message)


GROUPS: dict[str, tuple[str, Batch | None, list[str]]] = {
    "one by one": ("a b c", None, ["a", "b", "c"]),
    "up to the number": ("a b c d e", FOUR, ["a b c d", "e"]),
    "up to the size": (f"a{'x' * 12} b{'x' * 12} c", FOUR, [f"a{'x' * 12}", f"b{'x' * 12} c"]),
    "a large one alone": (f"a b{'x' * 50} c", FOUR, ["a", f"b{'x' * 50}", "c"]),
    "one that has failed alone": ("a b! c", FOUR, ["b!", "a c"]),
    "an instance once": ("a b a c", FOUR, ["a b", "a c"]),
    "nothing": ("", FOUR, []),
}
"""Entries in order, the batch, and the requests."""


@pytest.mark.parametrize(("entries", "batch", "expected"), GROUPS.values(), ids=GROUPS)
def test_groups(entries: str, batch: Batch | None, expected: Sequence[str]) -> None:
    """Messages share a request up to a number and a size; one that has failed, and a second copy, do not."""
    found = groups(map(entry, entries.split()), batch)
    assert list(expected) == [" ".join(each.entry_id for each in group) for group in found]

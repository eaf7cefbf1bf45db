"""JSON Patches, judged by the sandbox's own implementation."""

from typing import Any

import pytest

from adapters.rest.fhir.bodies import copied
from adapters.rest.fhir.patching import in_bundle, patch
from gateway.sandbox.fhir.bundles.entry import read_entry
from gateway.sandbox.fhir.patching import patched

Json = dict[str, Any]
OLD: Json = {"resourceType": "Patient", "id": "1", "meta": {"versionId": "3"}, "name": [{"text": "A"}], "active": True}
CHANGES: list[Json] = [
    {**OLD, "active": False},
    {**OLD, "link": [{"type": "replaces"}]},
    {name: each for name, each in OLD.items() if name != "name"},
    {**OLD, "meta": {"versionId": "3", "extension": [{"url": "x"}]}},
]


@pytest.mark.parametrize("new", CHANGES)
def test_patch(new: Json) -> None:
    """The operations make the new resource of the old one."""
    operations = patch(OLD, new)
    assert (1, new) == (len(operations), patched(copied(OLD), operations))


def test_without_meta() -> None:
    """A resource without meta gets it."""
    old = {name: each for name, each in OLD.items() if name != "meta"}
    new = {**old, "meta": {"extension": [{"url": "x"}]}}
    assert new == patched(copied(old), patch(old, new))


def test_unchanged() -> None:
    """The store's own part of meta is not written."""
    assert [] == patch(OLD, {**OLD, "meta": {"versionId": "4"}})


def test_in_bundle() -> None:
    """A store reads the patch in the entry of a bundle."""
    operations = patch(OLD, CHANGES[0])
    entry = {"resource": in_bundle(operations), "request": {"method": "PATCH", "url": "Patient/1"}}
    assert operations == read_entry(0, entry).resource

"""An export in which the store fails, and one that was ended: nothing is lost, nothing is there twice."""

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from gateway.cli.exporting.exporting import Exporting
from gateway.cli.exporting.layout import Layout
from gateway.cli.exporting.uploading import Uploading
from gateway.cli.importing.ledger import Ledger
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import place_of
from gateway.cli.importing.report import Report
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.store_listing import Item, ListingError


class Store:
    """Tells items, and fails as told."""

    def __init__(self, items: dict[str, bytes]) -> None:
        self.held = items
        self.failures: dict[str, list[Unavailable]] = {}
        self.ends_after: int | None = None

    async def items(self) -> AsyncIterator[Item]:
        """Yield each."""
        for number, name in enumerate(self.held):
            if number == self.ends_after:
                raise ListingError("the store does not say what it holds")
            yield Item(name, partial(self._fetch, name))

    async def _fetch(self, name: str, file: IO[bytes]) -> Unavailable | None:
        if self.failures.get(name):
            return self.failures[name].pop(0)
        file.write(self.held[name])
        return None


async def export(folder: Path, store: Store, layout: Layout, seconds: float = 60) -> tuple[Report, str]:
    """Export everything; return the report, and why it has stopped."""

    async def no_time(_: float) -> None:
        return None

    report, patience = Report(as_json=True), Patience(seconds, sleep=no_time)
    with Ledger(folder / "ledger") as ledger:
        place = place_of(f"{folder}/out", {}, lambda _: None)  # type: ignore[arg-type,return-value]
        uploading = Uploading(place, ledger, patience, "skip")
        await Exporting(layout, uploading, report, patience, 4, folder).run(store)
    return report, patience.stopped


def instances(count: int) -> dict[str, bytes]:
    """Return items of a DICOM store."""
    return {f"studies/1/series/2/instances/{number}": b"%d" % number for number in range(count)}


def patients(count: int) -> dict[str, bytes]:
    """Return items of a FHIR store."""
    return {
        f"Patient/{n}/_history/1": json.dumps({"resourceType": "Patient", "id": f"{n}"}).encode() for n in range(count)
    }


def lines(folder: Path) -> list[str]:
    """Return the ids in all objects with lines."""
    texts = [line for path in sorted((folder / "out").glob("*.ndjson")) for line in path.read_text().splitlines()]
    return [json.loads(line)["id"] for line in texts]


async def test_failures(tmp_path: Path) -> None:
    """What fails for a while is tried again; what fails for itself is named, and the rest goes on."""
    store = Store(instances(9))
    first, second = list(store.held)[:2]
    store.failures = {first: [Unavailable("away")] * 3, second: [Unavailable("gone", outlook=Outlook.FINAL)]}
    report, stopped = await export(tmp_path, store, Layout("dicom"))
    assert (dict(report.objects), stopped, report.first_reason) == ({"stored": 8, "failed": 1}, "", "gone")
    report, _ = await export(tmp_path, store, Layout("dicom"))
    assert dict(report.objects) == {"stored": 1, "skipped": 8}
    assert len([*(tmp_path / "out" / "1" / "2").iterdir()]) == 9


async def test_a_store_that_stays_away(tmp_path: Path) -> None:
    """Everything stops; the next run writes the rest."""
    store = Store(instances(9))
    store.failures = {name: [Unavailable("away")] for name in store.held}
    _, stopped = await export(tmp_path, store, Layout("dicom"), seconds=-1)
    assert stopped == "away"
    store.failures = {}
    report, stopped = await export(tmp_path, store, Layout("dicom"))
    assert (report.stored, stopped) == (9, "")


async def test_lines_of_an_export_that_was_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ended run has written is written anew; what the store has no more is in no object."""
    monkeypatch.setattr("gateway.cli.exporting.exporting.SHARD_ITEMS", 10)
    store = Store(patients(35))
    store.ends_after = 34
    report, stopped = await export(tmp_path, store, Layout("fhir"))
    assert (report.stored, stopped) == (30, "the store does not say what it holds")
    store.ends_after, store.held = None, patients(12)
    report, stopped = await export(tmp_path, store, Layout("fhir"))
    assert (report.stored, stopped) == (12, "")
    assert lines(tmp_path) == [str(number) for number in range(12)]
    assert len([*(tmp_path / "out").iterdir()]) == 2


async def test_large_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object is also full by its octets."""
    monkeypatch.setattr("gateway.cli.exporting.exporting.SHARD_OCTETS", 100)
    await export(tmp_path, Store(patients(9)), Layout("fhir"))
    assert len([*(tmp_path / "out").iterdir()]) > 2
    assert lines(tmp_path) == [str(number) for number in range(9)]

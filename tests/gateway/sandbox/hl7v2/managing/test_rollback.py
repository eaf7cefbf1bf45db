"""Rollbacks of messages."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.clock import now
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.managing.rollback import rollback
from gateway.sandbox.hl7v2.store import message_id
from tests.gateway.sandbox.hl7v2.managing.support import message

S = "projects/p/locations/l/datasets/d/hl7V2Stores/s"


class Store:
    """A store with three messages, of which one was then relabelled, one deleted, and a fourth came by an import."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self.connection, self.buckets = connection, Buckets(folder)
        self.ids = [message_id(message(number)) for number in range(4)]
        for number in range(3):
            hl7v2_store.add(connection, S, message(number), {"n": str(number)})
        self.moment = now()
        while now() == self.moment:  # the clock of a change has microseconds
            pass
        hl7v2_store.relabel(connection, S, self.ids[0], {"n": "x"})
        hl7v2_store.delete(connection, S, self.ids[1])
        hl7v2_store.put(connection, S, message(3), {}, "77")

    def roll(self, **asked: Any) -> int:
        """Roll back; return how many messages it was about."""
        whole = {"rollbackTime": self.moment, "resultGcsBucket": "data", "force": True, **asked}
        return rollback(self.connection, S, self.buckets, whole).success

    def labels(self) -> list[str | None]:
        """Return the label of each message; None for one that is not there, empty for one without a label."""
        found = [hl7v2_store.get(self.connection, S, each) for each in self.ids]
        return [None if each is None else each.labels.get("n", "") for each in found]


@pytest.fixture
def store(connection: sqlite3.Connection, tmp_path: Path) -> Store:
    """Return the store."""
    return Store(connection, tmp_path)


CHANGED = ["x", None, "2", ""]
BEFORE = ["0", "1", "2", None]


def test_all(store: Store, tmp_path: Path) -> None:
    """Everything is as it was; without ``force`` only the list is written."""
    assert (store.roll(force=False), store.labels()) == (3, CHANGED)
    assert set((tmp_path / "data" / "rollback.txt").read_text().split()) == {store.ids[0], store.ids[1], store.ids[3]}
    assert (store.roll(), store.labels()) == (3, BEFORE)


def test_kinds(store: Store) -> None:
    """Only changes of one kind are undone."""
    assert (store.roll(changeType="UPDATE"), store.labels()) == (1, ["0", None, "2", ""])
    assert (store.roll(changeType="DELETE"), store.labels()) == (1, ["0", "1", "2", ""])


def test_listed(store: Store) -> None:
    """Only the messages of a list are rolled back."""
    store.buckets.write("gs://data", "list", [store.ids[1].encode(), b"other"])
    assert (store.roll(inputGcsObject="gs://data/list"), store.labels()) == (1, ["x", "1", "2", ""])


def test_operation(store: Store) -> None:
    """Only what one import did is undone."""
    asked = {"filteringFields": {"operationIds": ["77"]}}
    assert (store.roll(**asked), store.labels()) == (1, ["x", None, "2", None])


def test_rollback_of_a_rollback(store: Store) -> None:
    """A rollback is rolled back as well, unless rollbacks are excluded."""
    store.roll(changeType="UPDATE")
    assert store.roll(changeType="UPDATE", excludeRollbacks=True) == 1
    assert store.labels()[0] == "0"


@pytest.mark.parametrize(
    "asked",
    [
        {"rollbackTime": ""},
        {"rollbackTime": "yesterday"},
        {"resultGcsBucket": 5},
        {"changeType": "X"},
        {"x": 1},
        {"filteringFields": {"operationIds": 5}},
    ],
)
def test_refused(store: Store, asked: dict[str, Any]) -> None:
    """What is no request changes nothing."""
    with pytest.raises(ApiError):
        store.roll(**asked)
    assert store.labels() == CHANGED

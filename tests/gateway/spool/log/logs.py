"""What the tests of the intake log share: records, and a file system that fails and forgets as it is told."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.spool import Spool
from gateway.spool.log.files import DAMAGED, RealDisk, make_log_folder, path_of
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, Delivery
from tests.gateway.spool.spools import folder_of

SPOOL = "0123456789ab"


def committed(
    seq: int, data: bytes | None = b"MSH|1", ordering_key: bytes | None = None, **more: object
) -> CommittedRecord:
    """Return the record of a message for the destination ``store``, or of *more*."""
    values: dict[str, object] = {
        "seq": seq,
        "listener": "adt",
        "header": b'["m1", {}, {}, null]',
        "size": len(data or b""),
        "digest": b"d" * 32,
        "received_at": 1.5,
        "committed_at": 2.5,
        "encrypted": False,
        "data": data,
        "file": None,
        "ordering_key": ordering_key,
        "name": None,
        "deliveries": (Delivery(1, "store", None),),
    }
    return CommittedRecord(**(values | more))  # type: ignore[arg-type]


def delivered(seq: int, number: int = 1) -> DeliveredRecord:
    """Return the record of a delivery."""
    return DeliveredRecord(seq, number, 3.5, 4.5)


class FakeDisk(RealDisk):
    """The file system, with a list of what was asked of it; *failing* calls raise OSError."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failing: dict[str, int] = {}
        """The names of calls that fail, with their error numbers."""
        self.names: dict[int, str] = {}

    def _note(self, call: str, name: str) -> None:
        self.calls.append(f"{call} {name}")
        if call in self.failing:
            raise OSError(self.failing[call] or errno.EIO, "as planned")

    def create(self, path: Path, size: int) -> int:
        """Make a file."""
        self._note("create", path.name)
        descriptor = super().create(path, size)
        self.names[descriptor] = path.name
        return descriptor

    def write(self, descriptor: int, octets: bytes, place: int) -> None:
        """Write."""
        if descriptor in self.names:
            self._note("write", self.names[descriptor])
        super().write(descriptor, octets, place)

    def sync(self, descriptor: int) -> None:
        """Sync."""
        self._note("sync", self.names[descriptor])
        super().sync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Sync the names."""
        self._note("sync_folder", folder.name)
        super().sync_folder(folder)

    def rename(self, path: Path, new: Path) -> None:
        """Rename."""
        self._note("rename", f"{path.name} {new.name}")
        super().rename(path, new)
        self.names = {number: new.name if name == path.name else name for number, name in self.names.items()}

    def remove(self, path: Path) -> None:
        """Remove."""
        self._note("remove", path.name)
        super().remove(path)


def states(data_dir: Path) -> list[tuple[int, int]]:
    """Return the numbers and the states of what is in the database of the only spool."""
    with closing(sqlite3.connect(folder_of(data_dir) / "spool.db")) as database:
        return database.execute("SELECT message, state FROM deliveries ORDER BY message").fetchall()


def keep_segment(folder: Path) -> None:
    """Leave a damaged segment in a spool's folder."""
    path = path_of(folder, 1)
    make_log_folder(folder)
    path.with_name(f"{DAMAGED}{path.name}").write_bytes(b"damaged")


def no_room(*_arguments: object) -> None:
    """Fail like a database on a full disk."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute("PRAGMA max_page_count = 1")
        database.execute("CREATE TABLE full (x)")


async def flush(spool: Spool) -> None:
    """Have the log moved; raises SpoolError."""
    (part,) = spool._parts.values()  # type: ignore[attr-defined]
    await part.operations.is_empty()

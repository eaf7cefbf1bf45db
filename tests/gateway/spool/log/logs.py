"""What the tests of the intake log share: records, and a file system that fails and forgets as it is told."""

import errno
from pathlib import Path

from gateway.spool.log.files import RealDisk
from gateway.spool.log.records import CommittedRecord, DeliveredRecord, Delivery

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

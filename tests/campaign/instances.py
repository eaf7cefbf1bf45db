"""What a modality sends next: new instances, repeated ones, corrected ones, and corrections taken back (A-B-A)."""

import random
import struct
from dataclasses import dataclass, field

from tests.adapters.dimse.raw_peer import CT
from tests.campaign.plan import POISON

NEW, REPEAT, CORRECTION, BACK = "new", "repeat", "correction", "back"
KINDS, WEIGHTS = (NEW, REPEAT, CORRECTION, BACK), (45, 15, 25, 15)
SIZES, SIZE_WEIGHTS = (128, 4000, 100_000, 400_000), (60, 30, 8, 2)
IS_POISON = 0.02


@dataclass(frozen=True, slots=True)
class Content:
    """One version of an instance."""

    uid: str
    version: int
    octets: int

    def data_set(self) -> bytes:
        """Return the same octets whenever it is asked (Explicit VR Little Endian)."""
        study = self.uid.rsplit(".", 2)[0]
        text = f"{self.uid} version {self.version} ".encode()
        return b"".join(
            (
                element(0x0008, 0x0016, b"UI", CT),
                element(0x0008, 0x0018, b"UI", self.uid),
                element(0x0020, 0x000D, b"UI", study),
                element(0x0020, 0x000E, b"UI", f"{study}.1"),
                struct.pack("<HH2sxxL", 0x7FE0, 0x0010, b"OB", self.octets),
                (text * (self.octets // len(text) + 1))[: self.octets],
            )
        )


def element(group: int, number: int, vr: bytes, text: str) -> bytes:
    """Return a short element in Explicit VR Little Endian."""
    value = text.encode() + b"\0" * (len(text) % 2)
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


@dataclass(slots=True)
class Instances:
    """The instances of one modality; nobody else has any of them."""

    root: str
    chance: random.Random
    poisonous: bool
    _versions: dict[str, list[Content]] = field(default_factory=dict)
    """All contents sent so far under each UID, the latest last."""

    def next(self) -> Content:
        """Return what is sent now."""
        kind = self.chance.choices(KINDS, WEIGHTS)[0] if self._versions else NEW
        if kind == NEW:
            return self._keep(self._new())
        versions = self._versions[self._some_uid()]
        if kind == REPEAT:
            return versions[-1]
        if kind == BACK and len(versions) > 1:
            return self._keep(versions[-2])
        return self._keep(Content(versions[-1].uid, len(versions) + 1, self._octets()))

    def _new(self) -> Content:
        is_poison = self.poisonous and self.chance.random() < IS_POISON
        study, number = self.chance.randrange(1, 5), len(self._versions) + 1
        return Content(f"{self.root}.{study}.{number}.{POISON if is_poison else 1}", 1, self._octets())

    def _some_uid(self) -> str:
        """Mostly one of the last, whose delivery may be under way."""
        uids = list(self._versions)
        return self.chance.choice(uids[-3:] if self.chance.random() < 0.7 else uids[-50:])

    def _keep(self, content: Content) -> Content:
        self._versions.setdefault(content.uid, []).append(content)
        return content

    def _octets(self) -> int:
        return self.chance.choices(SIZES, SIZE_WEIGHTS)[0]

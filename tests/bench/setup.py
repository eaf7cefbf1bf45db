"""What all rows have in common: how much is sent for how long, and where files are made."""

from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import BUILD


@dataclass(frozen=True, slots=True)
class Setup:
    """The size of a run; *scale* 1 is the one that counts, a smaller one only tries the bench itself."""

    scale: float = 1.0
    old: Path | None = None
    """The folder of another version, to be compared with in row 9."""

    @property
    def files(self) -> Path:
        """The folder of what is sent."""
        folder = BUILD / "files"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def seconds(self) -> float:
        """How long a closed loop is measured."""
        return max(0.5, 1.0 * self.scale)

    @property
    def warm_up(self) -> float:
        """How long it runs before."""
        return 0.3 * self.scale

    def count(self, number: int, *, least: int = 1) -> int:
        """Return *number* at scale 1, fewer at a smaller one."""
        return max(least, round(number * self.scale))

"""What a run of the research pipeline has noted of its progress, as the pages and metrics of a gateway show it."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from gateway.contract.pipeline import STATUS_FILE, STATUS_FOLDER, Progress

UNREADABLE = "what the pipeline has written cannot be read; run it once more"
PROGRESS = TypeAdapter(Progress)


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of a run."""

    progress: Progress = field(default_factory=Progress)
    at: float | None = None
    """When it was written; None if there is none yet."""
    problem: str = ""
    """Why it cannot be read."""


def read_noted(tables: Path) -> Noted:
    """Return the last note below the folder of the tables. Blocks."""
    path = tables / STATUS_FOLDER / STATUS_FILE
    try:
        with path.open("rb") as file:
            return Noted(PROGRESS.validate_json(file.read()), path.stat().st_mtime)
    except FileNotFoundError:
        return Noted()
    except (OSError, ValueError):  # pydantic's errors are ValueErrors
        return Noted(problem=UNREADABLE)

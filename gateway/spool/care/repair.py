"""Repairs spools that were set aside: what is whole goes into a new spool, which a gateway then adopts."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from gateway.contract.errors import ConfigError
from gateway.spool.care.salvage import Saved, salvage
from gateway.spool.damage import ERRORS, name_of
from gateway.spool.folders import (
    REPAIRED,
    SET_ASIDE,
    OwnedFolder,
    copy_number,
    folders_set_aside,
    spools_of,
    take_set_aside,
    write_mark,
)
from gateway.spool.payloads.files import make_folder, sync_folder
from gateway.spool.payloads.seal import Seal

BY_HAND = "set aside by hilum spool repair"


@dataclass(frozen=True, slots=True)
class Repaired:
    """One spool that was repaired."""

    old: Path
    """The damaged spool, which is kept."""
    new: str
    saved: Saved


def repair_all(data_dir: Path, seal: Seal, known: Sequence[str], names: Sequence[str] = ()) -> Iterator[Repaired]:
    """Repair the spools of *names*, whether they were set aside or not; without names all that were set aside.

    *known* are the names of the configured destinations. Raises ConfigError where a spool is in use or not there.
    """
    folders = [spools_of(data_dir) / name for name in names] or folders_set_aside(data_dir)
    for path in folders:
        if path.parent != spools_of(data_dir) or not (path / "spool.db").exists() or (path / REPAIRED).exists():
            raise ConfigError(f"{path.name}: there is no such spool to repair; `hilum spool verify` names the spools")
        folder = take_set_aside(path)
        if folder is None:
            raise ConfigError(f"{path.name}: a process has this spool open; stop it, or wait until it is set aside")
        try:
            if (done := _repair(folder, data_dir, seal, known)) is not None:
                yield done
        except (OSError, *ERRORS) as error:
            why = error.strerror if isinstance(error, OSError) else name_of(error)
            raise ConfigError(f"{path.name}: what is whole cannot be saved: {why}; make room, then try again") from None
        finally:
            folder.release()


def _repair(folder: OwnedFolder, data_dir: Path, seal: Seal, known: Sequence[str]) -> Repaired | None:
    """Save into a folder that no gateway looks at, then rename it into place: a crash never leaves half a spool."""
    mark = folder.path / SET_ASIDE
    before = mark.read_text().splitlines() if mark.exists() else []
    if len(before) > 1 and (spools_of(data_dir) / before[1]).exists():  # only the last step is missing
        mark.replace(folder.path / REPAIRED)
        return None
    workshop = data_dir / "spool-repair"
    shutil.rmtree(workshop, ignore_errors=True)
    name = uuid4().hex[:12]
    make_folder(workshop / name)
    saved = salvage(folder.path, workshop / name, seal, known)
    copy_number(folder.path, workshop / name)
    for each in (workshop / name / "bodies", workshop / name):
        sync_folder(each)
    write_mark(mark, f"{before[0] if before else BY_HAND}\n{name}\n")
    (workshop / name).replace(spools_of(data_dir) / name)
    sync_folder(spools_of(data_dir))
    mark.replace(folder.path / REPAIRED)
    sync_folder(folder.path)
    workshop.rmdir()
    return Repaired(folder.path, name, saved)

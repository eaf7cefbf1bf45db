"""The stage ``public``: an instance becomes a de-identified one in memory, and that a row and a thumbnail.

Only what comes out of the engine of the step is looked at behind it: the row is read from the octets that it has made.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol

from adapters.deidentify.engines import Engines
from adapters.deidentify.errors import HeldBackError
from adapters.dicom.encoding import Malformed
from adapters.pipeline.contract import Dead, Made, Reference
from adapters.pipeline.stages.headers import instance_of
from adapters.tables.columns import Column
from adapters.tables.dicom import rows
from gateway.contract.errors import GatewayError

STAGE, TABLE, LOOKS = "public", "final_table", "looks"
PIECE = 64 * 1024
INTERNAL_ERROR = "an internal error"
HELD_BACK = "it cannot be de-identified: "
"""Stands before the reason of the step."""
PSEUDONYMS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "AccessionNumber")
"""The columns by which images, reports and patients are linked: pseudonyms, which are public only if asked for."""
THUMBNAIL, REASON = "thumbnail", "thumbnail_reason"
OWN = (Column("hospital"), Column(THUMBNAIL), Column(REASON))


class Picture(Protocol):
    """A thumbnail, or why there is none."""

    @property
    def octets(self) -> bytes:
        """The file; empty if there is none."""

    @property
    def reason(self) -> str:
        """Why there is none: a fixed sentence."""


Thumbnail = Callable[[bytes], Picture]
Look = Callable[[bytes], str]
"""Returns why a thumbnail may not become public, as it shows text; empty if it may."""


def deidentified(octets: bytes, engines: Engines) -> bytes:
    """Return the instance without what names its patient; raises HeldBackError or Malformed.

    Raises GatewayError where the crosswalk fails, so that a later try may succeed.
    """
    try:
        made = b"".join(map(bytes, _pieces(octets, engines)))
        if engines.crosswalk is not None:
            engines.crosswalk.settle()
    except (HeldBackError, Malformed, GatewayError):
        raise
    except Exception:  # noqa: BLE001  its text may quote the object; whatever it is, the original must not go on
        raise HeldBackError(INTERNAL_ERROR) from None
    return made


def _pieces(octets: bytes, engines: Engines) -> Iterator[Any]:
    engine, view = engines.file(), memoryview(octets)
    for at in range(0, len(view), PIECE):
        yield from engine.receive_data(view[at : at + PIECE])
    yield from engine.receive_end()


def public(
    reference: Reference,
    octets: bytes,
    engines: Engines,
    names: Collection[str],
    draw: Thumbnail,
    look: Look | None = None,
) -> Made:
    """Return the de-identified row of an instance with its thumbnail, or why there is none.

    *names* are the columns that may become public; no other attribute comes out of this stage. With *look*, the gate
    finds in ``looks`` what that says of the thumbnail: it takes half a second, here in one of several processes.
    """
    try:
        clean = deidentified(octets, engines)
        found = instance_of(clean)
        made = rows.row_of(found.data_set, "nested", rows.About(""))
    except HeldBackError as error:
        return Made(dead=[Dead(reference, STAGE, f"{HELD_BACK}{error}")])
    except (Malformed, rows.NoIdentityError) as error:
        return Made(dead=[Dead(reference, STAGE, str(error))])
    kept = {*names, *PSEUDONYMS}
    row = {name: value for name, value in made.row.items() if name in kept}
    picture = draw(clean)
    files = {key_of(picture.octets): picture.octets} if picture.octets else {}
    row |= {"hospital": reference.hospital, THUMBNAIL: next(iter(files), None), REASON: picture.reason or None}
    columns = [each for each in made.columns if each.name in kept]
    looks = [{"key": key, "reason": look(each)} for key, each in files.items()] if look is not None else []
    return Made({TABLE: [row], LOOKS: looks}, {TABLE: [*columns, *OWN]}, files)


def key_of(picture: bytes) -> str:
    """Return the key of a thumbnail: a digest of its own octets, so that it tells nothing else."""
    digest = hashlib.sha256(picture).hexdigest()
    return f"{digest[:2]}/{digest}.webp"

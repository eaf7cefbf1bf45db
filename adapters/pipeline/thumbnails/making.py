"""The thumbnail of one instance, or the reason why it has none."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from adapters.pipeline.thumbnails.admission import refuse
from adapters.pipeline.thumbnails.colour import as_colours, is_grey
from adapters.pipeline.thumbnails.decoding import decoded, frames_of, pixels_tag
from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.frame_values import FrameValues
from adapters.pipeline.thumbnails.grey import as_levels
from adapters.pipeline.thumbnails.picture import webp
from adapters.pipeline.thumbnails.representative import frame_of
from adapters.pipeline.thumbnails.source import NOT_READ, Source, opened
from adapters.tables.dicom.quiet import quiet

MOST_OF_FRAME = 128 * 2**20
"""Most octets of a decoded frame; a larger one is not decoded."""
ENOUGH = 2048
"""A frame is made smaller before it is windowed if a side has more pixels: each second, each third, … is taken."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture, or the reason why there is none."""

    octets: bytes = b""
    """A WebP file; empty if there is none."""
    reason: str = ""
    """A fixed sentence without any value of the instance."""
    frame: int | None = None
    """The number of the frame that it shows, counted from 0."""

    def __bool__(self) -> bool:
        """Whether there is a picture."""
        return bool(self.octets)


def thumbnail(source: bytes | Path, *, most_of_frame: int = MOST_OF_FRAME) -> Thumbnail:
    """Return the thumbnail of a de-identified instance: its octets or its file. The same octets for the same instance.

    Raises OSError if the file cannot be read. Whatever the instance holds raises nothing.
    """
    with quiet():
        try:
            with opened(source) as instance:
                return _made(instance, most_of_frame)
        except NoPictureError as error:
            return Thumbnail(reason=str(error))
        except OSError:
            raise
        except Exception:  # noqa: BLE001  a hostile header, of which pydicom raises anything when it is asked
            return Thumbnail(reason=NOT_READ)


def _made(instance: Source, most_of_frame: int) -> Thumbnail:
    header = instance.header
    refuse(header, pixels_tag(instance), most_of_frame)
    grey = is_grey(header)
    decode = partial(decoded, instance)
    number = frame_of(header, frames_of(header), decode)
    frame, values = _smaller(decode(number)), FrameValues(header, number)
    return Thumbnail(webp(as_levels(frame, values) if grey else as_colours(frame, header), values), frame=number)


def _smaller(frame: Any) -> Any:
    step = -(-max(frame.shape[:2]) // ENOUGH)
    return frame[::step, ::step]

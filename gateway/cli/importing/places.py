"""SOURCE and BUCKET on the command line: a bucket of the configuration with a pattern, or a folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.contract.errors import ConfigError
from gateway.contract.objects import Bucket
from gateway.contract.wildcards import BadPattern, check
from gateway.kinds import KINDS

EVERYTHING = "**"
FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects are read or written."""

    bucket: Bucket
    address: str
    """The address of the bucket; the URI of an object is this, a slash, and its key."""
    path: str
    """A pattern to read by, or the beginning of the keys that are written."""

    def uri(self, key: str) -> str:
        """Return the URI of an object."""
        return f"{self.address}/{key}"


def place_of(text: str, buckets: Mapping[str, Any], open_bucket: Callable[[str], Bucket]) -> Place:
    """Return the place that *text* names; raises ConfigError.

    ``NAME`` or ``NAME/PATH`` names a bucket of the configuration, ``s3://…`` and ``gs://…`` too, by its address; any
    other text is a folder or a file.
    """
    for name, settings in buckets.items():
        for beginning in _beginnings(name, settings):
            if _is_below(text, beginning):
                return Place(open_bucket(name), str(settings.url).rstrip("/"), text[len(beginning) :].lstrip("/"))
    if "://" in text:
        known = ", ".join(sorted(buckets)) or "none"
        raise ConfigError(f"{text}: no bucket of the configuration has this address; there is {known}")
    return _folder(Path(text).absolute())


def _beginnings(name: str, settings: Any) -> tuple[str, str]:
    return name, str(settings.url).rstrip("/")


def _is_below(text: str, beginning: str) -> bool:
    return text == beginning or text.startswith(f"{beginning}/")


def _is_folder(text: str, buckets: Mapping[str, Any]) -> bool:
    """Whether *text* names a folder or file of this machine, and no bucket."""
    beginnings = [each for name, settings in buckets.items() for each in _beginnings(name, settings)]
    return not any(_is_below(text, each) for each in beginnings)


def _folder(path: Path) -> Place:
    is_file = path.is_file()
    root = path.parent if is_file else path
    kind = KINDS.buckets[FOLDER]
    bucket = kind.open(str(root), kind.settings.model_validate({"kind": FOLDER, "url": root}))
    return Place(bucket, str(root), path.name if is_file else "")


def source_of(text: str, buckets: Mapping[str, Any], open_bucket: Callable[[str], Bucket]) -> Place:
    """Return the place to read from; raises ConfigError, also for a folder that is not there."""
    place = place_of(text, buckets, open_bucket)
    if _is_folder(text, buckets) and not Path(text).exists():
        known = ", ".join(sorted(buckets)) or "none"
        raise ConfigError(
            f"SOURCE: {text}: there is no folder or file of this name, and no bucket of the configuration ({known});"
            " a pattern needs a bucket before it"
        )
    return place


def pattern_of(place: Place) -> str:
    """Return the pattern of the objects to read; raises ConfigError. A path that ends with ``/`` means all below."""
    pattern = f"{place.path}{EVERYTHING}" if not place.path or place.path.endswith("/") else place.path
    try:
        return check(pattern)
    except BadPattern as error:
        raise ConfigError(f"SOURCE: the pattern {error}") from None

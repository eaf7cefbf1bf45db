"""Parses media types in ``Content-Type`` and ``Accept`` (RFC 9110 8.3.1, 12.5.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Split at a separator that is followed by an even number of quotation marks, so not inside a quoted string.
_OUTSIDE_QUOTES = r'(?=(?:[^"]*"[^"]*")*[^"]*\Z)'
_COMMA = re.compile("," + _OUTSIDE_QUOTES)
_SEMICOLON = re.compile(";" + _OUTSIDE_QUOTES)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type with its parameters; names are lower case, values are unquoted."""

    name: str
    parameters: Mapping[str, str]

    def get(self, parameter: str) -> str | None:
        """Return the value of a parameter, or None."""
        return self.parameters.get(parameter)


def parse_media_type(text: str) -> MediaType:
    """Return the media type in *text*; invalid text gives a name that matches no media type."""
    name, *rest = _SEMICOLON.split(text)
    pairs = (item.partition("=") for item in rest)
    return MediaType(name.strip().lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs})


def parse_accept(text: str) -> list[MediaType]:
    """Return the acceptable media types, the preferred one first; an empty header accepts everything."""
    ranges = [parse_media_type(item) for item in _COMMA.split(text or "*/*")]
    return sorted((each for each in ranges if _quality(each) > 0), key=_quality, reverse=True)


def _quality(media_type: MediaType) -> float:
    try:
        return float(media_type.get("q") or 1)
    except ValueError:
        return 0

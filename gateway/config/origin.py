"""Where the configuration in force comes from: the file, and the place of each value in it."""

from dataclasses import dataclass, field
from pathlib import Path

from gateway.config.validation import read_document
from gateway.config.yaml_text import Document
from gateway.contract.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Origin:
    """The file, as it was when the process started; empty for a configuration that comes from no file."""

    file: str = ""
    document: Document = field(default_factory=Document)


def read_origin(path: Path) -> Origin:
    """Return the origin of the configuration that was just read from *path*.

    Whatever has become of the file since then, the gateway starts: then no places are known.
    """
    try:
        return Origin(str(path), read_document(path))
    except ConfigError:
        return Origin(str(path))

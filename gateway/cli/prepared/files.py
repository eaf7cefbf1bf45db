"""Prepared FHIR files: which there are, in which order they are sent, and the records in them.

NDJSON (``.ndjson``, ``.jsonl``) has one resource in each line; every other file is one resource or bundle. Files that
end with ``.gz`` are compressed. NDJSON is read line by line, so that a file may be larger than the memory.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from gateway.contract.errors import ConfigError
from gateway.contract.fhir import REFERRED_TO

IN_LINES = (".ndjson", ".jsonl")
SUFFIXES = (".json", *IN_LINES)
"""The files of a folder that are sent, also with ``.gz`` behind."""
MOST_OCTETS = 64 * 1024 * 1024
"""Largest resource or bundle."""


@dataclass(frozen=True, slots=True)
class Record:
    """One resource or bundle of a file, or why there is none."""

    file: int
    """The position of the file, counted from 0."""
    line: int
    """Counted from 1; 1 for a file that is one resource."""
    data: bytes = field(default=b"", repr=False)
    problem: str = ""


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files in *paths*, each once; raises ConfigError if one is missing or a folder has none."""
    found: dict[Path, None] = {}
    for path in paths:
        files = sorted(_in_folder(path), key=_turn) if path.is_dir() else [path]
        if not files:
            raise ConfigError(
                f"{path}: has no file that ends with {', '.join(SUFFIXES)} or the same with .gz; name one"
            )
        found |= dict.fromkeys(each.resolve() for each in files)
    for path in found:
        if not path.is_file():
            raise ConfigError(f"{path}: is no file; name a file or a folder with FHIR in JSON")
    return list(found)


def read_records(paths: Sequence[Path]) -> Iterator[Record]:
    """Yield the records of all files, one file after the other. A file that cannot be read is one record."""
    for number, path in enumerate(paths):
        line = 1
        try:
            for line, data in _pieces(path):
                yield Record(number, line, data) if len(data) <= MOST_OCTETS else Record(number, line, b"", _TOO_LARGE)
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None) or "it is not whole, or no gzip file"
            yield Record(number, line + 1, b"", f"the file cannot be read from here on: {why}")


_TOO_LARGE = f"is larger than {MOST_OCTETS // 2**20} MiB"


def _pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    name = path.name.removesuffix(".gz")
    with closing(_opened(path)) as file:
        if not name.endswith(IN_LINES):
            yield 1, file.read(MOST_OCTETS + 1)
            return
        number = 0
        while line := file.readline(MOST_OCTETS + 2):
            number += 1
            yield number, line.rstrip(b"\r\n")
            while not line.endswith(b"\n") and (line := file.readline(MOST_OCTETS)):
                pass  # the rest of a line that is too long


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.name.endswith(".gz") else path.open("rb")


def _in_folder(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.name.removesuffix(".gz").endswith(SUFFIXES) and each.is_file())


def _turn(path: Path) -> tuple[int, str]:
    kind = path.name.partition(".")[0].partition("-")[0]
    return (REFERRED_TO.index(kind) if kind in REFERRED_TO else len(REFERRED_TO), str(path))

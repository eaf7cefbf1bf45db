"""Validates a part of a configuration file: settings, or every mistake with its place, the reason and the mend.

It imports no kind of listener or destination: commands that use a small part of the file shall start fast.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from gateway.config.findings import setting_problems
from gateway.config.known_keys import nearest
from gateway.config.yaml_text import Document, Mistake, NotReadable, fill_in, read_yaml
from gateway.contract.errors import ConfigError
from gateway.contract.settings import Settings

Group = TypeVar("Group", bound=Settings)
MOST_OCTETS = 4 * 2**20
"""Largest size of a configuration file."""
ANCHORS = "x-"
"""Prefix of top-level keys that Hilum ignores: a place to define anchors that are used elsewhere."""
SECTIONS = {"listeners", "destinations", "buckets", "steps", "routes"}
"""If one of these sections is wrong as a whole, the relations between sections are not checked."""


def read_text(path: Path) -> str:
    """Return the text of a file; raises ConfigError if it cannot be read."""
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
        if len(octets) > MOST_OCTETS:
            raise ConfigError(f"{path}: is larger than {MOST_OCTETS // 2**20} MiB; give a configuration of Hilum")
        return octets.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name a readable YAML file") from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise ConfigError(f"{path}:{line}:{column}: cannot be read: it is not UTF-8; save it as UTF-8") from None


def read_document(path: Path) -> Document:
    """Return the content of a configuration file; raises ConfigError if it is not a mapping."""
    return document_of(read_text(path), str(path))


def document_of(text: str, name: str) -> Document:
    """Return the content of the *text* of a configuration, whose file has this *name*."""
    try:
        return read_yaml(text)
    except NotReadable as error:
        raise ConfigError(*(told(name, each) for each in error.mistakes)) from None


@dataclass(slots=True)
class Validated(Generic[Group]):
    """Settings, or their mistakes: for each value only the first mistake, without those that follow from it."""

    settings: Group | None
    raw: dict[str, Any]
    """The data, with variables of the environment filled in."""
    mistakes: list[Mistake]
    is_whole: bool
    """Whether the relations between the sections can be checked."""

    @property
    def paths(self) -> Set[str]:
        """The paths of the mistakes."""
        return {each.path for each in self.mistakes}

    def settled(self, name: str) -> Group:
        """Return the settings; raises ConfigError if there are mistakes."""
        if self.settings is None or self.mistakes:
            raise ConfigError(*(told(name, each) for each in sorted(self.mistakes, key=lambda each: each.place)))
        return self.settings


def validated(
    model: type[Group], data: dict[str, Any], document: Document, environment: Mapping[str, str]
) -> Validated[Group]:
    """Return the settings in *data*, a part of the *document*, or their mistakes."""
    missing: dict[str, str] = {}
    raw = fill_in(data, environment, missing)
    settings, problems = None, []
    try:
        settings = model.model_validate(raw)
    except ValidationError as error:
        written = {path: each.text for path, each in document.written.items()}
        problems = setting_problems(model, raw, error.errors(), written)
    mistakes = [*document.mistakes, *(Mistake(document.place(path), path, text) for path, text in missing.items())]
    paths = {each.path for each in mistakes}
    mistakes += [
        Mistake(document.place(each.path, key=each.is_key), each.path, each.text)
        for each in problems
        if not is_within(each.path, paths)
    ]
    is_whole = not paths and not any(_is_section(each.path) for each in problems)
    return Validated(settings, raw, mistakes, is_whole)


def told(name: str, mistake: Mistake) -> str:
    """Return the line that reports a *mistake* in the file *name*."""
    line, column = mistake.place
    said = f"{mistake.path}: {mistake.text}" if mistake.path else mistake.text
    if name:
        return f"{name}:{line}:{column}: {said}"
    return said if mistake.path else f"line {line}, column {column}: {said}"


def _is_section(path: str) -> bool:
    """Whether *path* names a whole section, even if it is misspelt."""
    return "." not in path and "[" not in path and nearest(path, SECTIONS) is not None


def is_within(path: str, others: Set[str]) -> bool:
    """Whether *path* is one of *others*, or is below one of them."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in others)

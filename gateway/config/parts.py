"""Loads only those parts of a configuration that a command uses; variables in other parts are not resolved.

`hilum serve` may have environment variables and files that an operator's shell does not have, such as
`${CREDENTIALS_DIRECTORY}` of systemd or the secrets of a container. Commands that do not use them work without them.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from gateway.audit.settings import AuditSettings
from gateway.config.known_keys import nearest
from gateway.config.loading import Config, Name
from gateway.config.models import AnyBucket, AnyDestination, AnyStep
from gateway.config.sentences import MENDS
from gateway.config.validation import ANCHORS, read_document, validated
from gateway.config.yaml_text import VARIABLE, Document, Mistake
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from gateway.contract.settings import File, Settings
from gateway.journal.settings import JournalSettings
from gateway.kinds import KINDS, Pipeline
from gateway.spool.settings import SpoolSettings


def _known_kind(kind: str) -> str:
    if kind not in KINDS.destinations:
        raise ValueError(f"kind {kind!r} is not known; use one of {', '.join(KINDS.destinations)}")
    return kind


class KindOfDestination(Settings):
    """The kind of a destination and its steps, without its other settings."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[str, AfterValidator(_known_kind)]
    via: tuple[str, ...] = ()


class SpoolPart(Settings):
    """The part that `hilum spool` uses: the place of the spool, and the names of the destinations."""

    listeners: dict[Name, None] = Field(default_factory=dict)
    destinations: dict[Name, KindOfDestination] = Field(min_length=1)
    data_dir: File = Config.model_fields["data_dir"].default
    spool: SpoolSettings = SpoolSettings()


class Identifiers(Settings):
    """How the identifiers of a listener's messages are kept, without its other settings."""

    model_config = ConfigDict(extra="ignore")

    identifiers: Literal["clear", "keyed"] = "clear"


class JournalPart(Settings):
    """The journal, and the listeners of whose identifiers it keeps a digest."""

    listeners: dict[Name, Identifiers] = Field(default_factory=dict)
    data_dir: File = Config.model_fields["data_dir"].default
    journal: JournalSettings = JournalSettings()


class AuditPart(Settings):
    """The audit trail alone."""

    audit: AuditSettings | None = None


class StepsPart(Settings):
    """The steps, and the domains that they use."""

    steps: dict[Name, AnyStep] = Field(default_factory=dict)
    domains: dict[Name, DomainSettings] = Field(default_factory=dict)


class SendPart(Settings):
    """The part that `hilum send` uses: destinations and buckets, the audit trail, and where the progress is kept."""

    destinations: dict[Name, AnyDestination] = Field(min_length=1)
    buckets: dict[Name, AnyBucket] = Field(default_factory=dict)
    data_dir: File = Config.model_fields["data_dir"].default
    audit: AuditSettings | None = None


class PipelinePart(Settings):
    """The part that `hilum pipeline` uses."""

    pipeline: Pipeline
    buckets: dict[Name, AnyBucket] = Field(min_length=1)
    steps: dict[Name, AnyStep] = Field(min_length=1)
    domains: dict[Name, DomainSettings] = Field(default_factory=dict)
    data_dir: File = Config.model_fields["data_dir"].default
    audit: AuditSettings | None = None


class TablesPart(Settings):
    """The part that `hilum tables` and `hilum query` use: the destinations that are tables, and the data directory."""

    destinations: dict[Name, AnyDestination] = Field(default_factory=dict)
    pipeline: Pipeline | None = None
    data_dir: File = Config.model_fields["data_dir"].default


Part = TypeVar("Part", bound=Settings)


def load_part(path: Path, part: type[Part], environment: Mapping[str, str] = os.environ) -> Part:
    """Read the *part* of a configuration file; raises ConfigError with every mistake in it."""
    document = read_document(path)
    data = {key: _used(part, key, document.data[key]) for key in part.model_fields if key in document.data}
    found = validated(part, data, document, environment)
    found.mistakes += (_unknown(document, key) for key in document.data if _is_unknown(key))
    return found.settled(str(path))


def _unknown(document: Document, key: str) -> Mistake:
    near = nearest(key, Config.model_fields)
    text = f"is not a known key; did you mean `{near}`?" if near else MENDS["extra_forbidden"]
    return Mistake(document.place(key, key=True), key, text)


def _is_unknown(key: object) -> bool:
    """Return whether a key is a mistake: a misspelt ``data_dir`` must not lead to the spool of another gateway."""
    return key not in Config.model_fields and not str(key).startswith(ANCHORS)


def _used(part: type[Settings], key: str, value: Any) -> Any:
    if part is SpoolPart and key == "destinations" and isinstance(value, dict):
        return {name: _only(each, "kind", "via") for name, each in value.items()}
    if part is TablesPart and key == "destinations" and isinstance(value, dict):
        return {name: each for name, each in value.items() if isinstance(each, dict) and each.get("kind") == "table"}
    if part is SpoolPart and key == "listeners" and isinstance(value, dict):
        return dict.fromkeys(value)
    if part is JournalPart and key == "listeners" and isinstance(value, dict):
        return {name: _only(each, "identifiers") for name, each in value.items()}
    return value


def _only(value: Any, *keys: str) -> Any:
    """Return of a mapping these *keys* alone; what is no mapping is a mistake that is found later."""
    return {key: value[key] for key in keys if key in value} if isinstance(value, dict) else value


def unread_variables(path: Path, environment: Mapping[str, str] = os.environ) -> Mapping[str, list[str]]:
    """Return variables that *environment* lacks and only names of unread files use; each with the keys that use it.

    `hilum check` does not read the files that keys ending in ``_file`` name, except those of steps.
    """
    places: dict[str, list[str]] = {}
    needed: set[str] = set()
    try:
        document = read_document(path)
    except ConfigError:
        return {}  # loading the configuration reports this error
    data = {key: value for key, value in document.data.items() if not key.startswith(ANCHORS)}
    for place, value in _texts(data):
        for name in VARIABLE.findall(value):
            if _names_an_unread_file(place):
                places.setdefault(name, []).append(place)
            else:
                needed.add(name)
    return {name: found for name, found in places.items() if name not in needed and name not in environment}


def _names_an_unread_file(place: str) -> bool:
    return not place.startswith("steps.") and any(key.endswith(("_file", "_files")) for key in place.split(".")[-2:])


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in *value* with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value

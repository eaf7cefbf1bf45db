"""YAML to frozen settings; reports every mistake with its path, the reason and the mend."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from gateway.admin.settings import AdminSettings
from gateway.audit.settings import AuditSettings
from gateway.config.findings import setting_problems
from gateway.config.known_keys import nearest
from gateway.config.models import AnyDestination, AnyListener, AnyStep
from gateway.config.problems import contradictions, field_problem
from gateway.config.yaml_text import Document, Mistake, NotReadable, fill_in, read_yaml
from gateway.contract.errors import ConfigError
from gateway.contract.forms import Form
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import Count, File, Octets, Seconds, Settings
from gateway.kinds import KINDS
from gateway.spool.settings import SpoolSettings

Group = TypeVar("Group", bound=Settings)
MOST_OCTETS = 4 * 2**20
"""More than any configuration has."""
ANCHORS = "x-"
"""Begins the keys at the top that Hilum does not look at: a place for anchors that are used elsewhere."""
SECTIONS = {"listeners", "destinations", "steps", "routes"}
"""While one of these is wrong as a whole, nothing is said of how they fit together."""
FACTS = (*COMMON_FACTS, *dict.fromkeys(chain.from_iterable(each.facts for each in KINDS.listeners.values())))


def _known_fact(name: str) -> str:
    if name not in FACTS:
        problems = [problem for kind in KINDS.listeners.values() if (problem := field_problem(kind, name))]
        if len(problems) == len(KINDS.listeners):
            near = nearest(name, FACTS)
            meant = f"did you mean `{near}`? The" if near else "the"
            raise ValueError(f"is neither a fact nor a field; {meant} facts are {', '.join(FACTS)}")
    return name


Name = Annotated[
    str,
    Form(
        r"[A-Za-z0-9][A-Za-z0-9_.-]*",
        "is no name; write letters of ASCII, digits, `_`, `.` and `-`, with a letter or a digit first",
    ),
]
Fact = Annotated[str, AfterValidator(_known_fact), Field(json_schema_extra={"examples": list(FACTS)})]


class RouteSettings(Settings):
    """From a listener, by facts, to a destination. The first route that matches wins."""

    listener: str = Field(alias="from")
    """Name of a listener."""
    when: dict[Fact, str | list[str]] = Field(default_factory=dict)
    """A fact's name to the pattern (or several, of which one suffices) it must match. `*` stands for any text, every
    other character for itself; `peer_ip` takes addresses and networks (`10.0.0.0/8`) as well (docs/routes.md). Of
    a field of HL7 that is longer than 1,024 octets, a fact is the beginning. Fields of HL7v2 (`PV1-2`) and elements of
    DICOM within the first 1 MiB before the pixel data (`Modality`, `(0008,0060)`) may be asked for as well."""
    via: tuple[str, ...] = ()
    """Names of ``steps`` that the message goes through, in this order, on its way to each destination. In commit
    mode the spool holds the message as it was received, and the steps change it each time it is delivered."""
    to: str | list[str]
    """Name of a destination; in commit mode also several, of which each gets the message."""
    within: Seconds = Field(default=25, gt=0)
    """Seconds until the peer is told that the destination did not answer; keep it under the peer's own timeout. For a
    DICOM instance only the time counts that the destination takes, not the peer's."""
    attempts: Count = Field(default=3, ge=1)
    """Tries within that time, where trying again cannot store a message twice."""

    @property
    def destinations(self) -> tuple[str, ...]:
        """The names in ``to``."""
        return (self.to,) if isinstance(self.to, str) else tuple(self.to)


class Config(Settings):
    """The whole configuration of `hilum serve`."""

    listeners: dict[Name, AnyListener] = Field(min_length=1)
    """What accepts peers, by name."""
    destinations: dict[Name, AnyDestination] = Field(min_length=1)
    """The stores, by name."""
    steps: dict[Name, AnyStep] = Field(default_factory=dict)
    """What changes messages on their way, by name; docs/steps.md tells what each kind does."""
    routes: list[RouteSettings] = Field(min_length=1)
    """Which message goes where."""
    admin: AdminSettings = AdminSettings()
    """Where operators look."""
    data_dir: File = Path("/var/lib/hilum")
    """Folder of the spool."""
    spool: SpoolSettings = SpoolSettings()
    """How much commit mode keeps, and how."""
    audit: AuditSettings | None = None
    """The audit trail; by default there is none."""
    drain_seconds: Seconds = Field(default=30, ge=0)
    """At the end, how long busy peers may wait for their answers."""
    max_in_flight_bytes: Octets = Field(default=256 * 1024 * 1024, ge=1024 * 1024)
    """Octets of messages that all peers of a process together may have in memory. Beyond it those with large messages
    are not read for a while, and when that is not enough, new messages are answered as unavailable."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that share the ports. Each has a spool of its own: see ``spread`` of the listeners."""
    worker_hang_seconds: Seconds = Field(default=30, ge=5)
    """With ``workers`` above 1: a worker whose event loop stands still for so long is killed and started anew."""


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file; raises ConfigError with every mistake found, and where in the file it is."""
    return parse(read_text(path), environment, str(path))


def read_text(path: Path) -> str:
    """Return what a file holds; raises ConfigError where it cannot be read."""
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
        if len(octets) > MOST_OCTETS:
            raise ConfigError(f"{path}: is larger than {MOST_OCTETS // 2**20} MiB; name a configuration of Hilum")
        return octets.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name a readable YAML file") from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise ConfigError(f"{path}:{line}:{column}: cannot be read: it is not UTF-8; save it as UTF-8") from None


def read_document(path: Path) -> Document:
    """Return what a configuration file holds; raises ConfigError where it holds no mapping."""
    return _document(read_text(path), str(path))


def _document(text: str, name: str) -> Document:
    try:
        return read_yaml(text)
    except NotReadable as error:
        raise ConfigError(*(told(name, each) for each in error.mistakes)) from None


def parse(text: str, environment: Mapping[str, str] = os.environ, name: str = "") -> Config:
    """Return the settings that the YAML *text* holds; raises ConfigError with every mistake found.

    Each has its line and column where the text has a *name*.
    """
    document = _document(text, name)
    data = {key: value for key, value in document.data.items() if not key.startswith(ANCHORS)}
    found = validated(Config, data, document, environment)
    if found.is_whole:
        found.mistakes += _contradictions(found.raw, document, found.paths)
    return found.settled(name)


@dataclass(slots=True)
class Validated(Generic[Group]):
    """Settings, or what is wrong with them: of one value what is wrong first, and nothing that follows from it."""

    settings: Group | None
    raw: dict[str, Any]
    """With the environment filled in."""
    mistakes: list[Mistake]
    is_whole: bool
    """Whether it can be seen how the sections fit together."""

    @property
    def paths(self) -> Set[str]:
        """Where something is wrong."""
        return {each.path for each in self.mistakes}

    def settled(self, name: str) -> Group:
        """Return the settings; raises ConfigError where something is wrong with them."""
        if self.settings is None or self.mistakes:
            raise ConfigError(*(told(name, each) for each in sorted(self.mistakes, key=lambda each: each.place)))
        return self.settings


def validated(
    model: type[Group], data: dict[str, Any], document: Document, environment: Mapping[str, str]
) -> Validated[Group]:
    """Return the settings that *data* of the *document* holds."""
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
        if not _is_within(each.path, paths)
    ]
    is_whole = not paths and not any(_is_section(each.path) for each in problems)
    return Validated(settings, raw, mistakes, is_whole)


def _contradictions(raw: dict[str, Any], document: Document, paths: Set[str]) -> Iterator[Mistake]:
    """Yield what does not fit together, but for what follows from a mistake that is told already."""
    for problem in contradictions(raw):
        path, _, text = problem.partition(": ")
        if not _is_within(path, paths):
            yield Mistake(document.place(path), path, text)


def located(path: Path, problems: Iterable[str]) -> list[str]:
    """Return *problems* that were found later than `load`, each with the place in the file that it is about."""
    try:
        document = read_document(path)
    except ConfigError:
        return list(problems)
    return [_with_place(path, document, each) for each in problems]


def noticed(path: Path, notices: Iterable[str]) -> list[str]:
    """Return *notices* about a configuration that is right, each with its file, and its place there."""
    lines = zip(notices := list(notices), located(path, notices), strict=True)
    return [f"{line.removesuffix(each) or f'{path}: '}notice: {each}" for each, line in lines]


def _with_place(path: Path, document: Document, problem: str) -> str:
    where = problem.partition(": ")[0]
    is_located = problem.startswith(f"{path}:")
    if is_located or re.split(r"[.\[]", where)[0] not in document.written:
        return problem
    return told(str(path), Mistake(document.place(where), "", problem))


def told(name: str, mistake: Mistake) -> str:
    """Return the line for a mistake in the file of that *name*."""
    line, column = mistake.place
    said = f"{mistake.path}: {mistake.text}" if mistake.path else mistake.text
    if name:
        return f"{name}:{line}:{column}: {said}"
    return said if mistake.path else f"line {line}, column {column}: {said}"


def _is_section(path: str) -> bool:
    """Whether *path* is that of a whole section, however it is spelt."""
    return "." not in path and "[" not in path and nearest(path, SECTIONS) is not None


def _is_within(path: str, others: Set[str]) -> bool:
    """Whether *path* is one of *others*, or lies below one."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in others)

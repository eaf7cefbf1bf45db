"""Loads YAML into frozen settings; reports every mistake with its path, the reason and how to correct it."""

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
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from gateway.contract.forms import Form
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import Count, File, ListenerSettings, Octets, Seconds, Settings
from gateway.kinds import KINDS
from gateway.spool.settings import SpoolSettings

Group = TypeVar("Group", bound=Settings)
MOST_OCTETS = 4 * 2**20
"""Largest size of a configuration file."""
ANCHORS = "x-"
"""Prefix of top-level keys that Hilum ignores: a place to define anchors that are used elsewhere."""
SECTIONS = {"listeners", "destinations", "steps", "routes"}
"""If one of these sections is wrong as a whole, the relations between sections are not checked."""
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
        "is not a valid name; use ASCII letters, digits, `_`, `.` and `-`, and begin with a letter or a digit",
    ),
]
Fact = Annotated[str, AfterValidator(_known_fact), Field(json_schema_extra={"examples": list(FACTS)})]


class RouteSettings(Settings):
    """Sends messages of a listener whose facts match to a destination. The first route that matches is used."""

    listener: str = Field(alias="from")
    """Name of a listener."""
    when: dict[Fact, str | list[str]] = Field(default_factory=dict)
    """The names of facts, each with the pattern that the fact must match, or a list of patterns of which one must
    match. `*` stands for any text, every other character for itself; for `peer_ip` a pattern may also be an address or
    a network (`10.0.0.0/8`) (docs/routes.md). HL7v2 fields (`PV1-2`) and DICOM elements within the first 1 MiB before
    the pixel data (`Modality`, `(0008,0060)`) can be used like facts. Of an HL7 field only the first 1,024 octets
    count."""
    via: tuple[str, ...] = ()
    """Names of the ``steps`` that change the message, in this order, before it goes to each destination. In commit
    mode the spool holds the message as it was received, and the steps run at each delivery."""
    to: str | list[str]
    """Name of a destination; in commit mode also a list of destinations, each of which gets the message."""
    within: Seconds = Field(default=25, gt=0)
    """Seconds after which the peer is told that the destination did not answer; keep it below the peer's own timeout.
    For a DICOM instance only the time that the destination takes is counted, not the time that the peer takes."""
    attempts: Count = Field(default=3, ge=1)
    """Most attempts within that time. A message is sent again only if that cannot store it twice."""

    @property
    def destinations(self) -> tuple[str, ...]:
        """The names in ``to``."""
        return (self.to,) if isinstance(self.to, str) else tuple(self.to)


class Config(Settings):
    """The whole configuration of `hilum serve`."""

    listeners: dict[Name, AnyListener] = Field(min_length=1)
    """The ports on which Hilum accepts peers, and what it fetches messages from, by name."""
    destinations: dict[Name, AnyDestination] = Field(min_length=1)
    """The stores, by name."""
    steps: dict[Name, AnyStep] = Field(default_factory=dict)
    """The steps that change or check messages on their way, by name; see docs/steps.md for each kind."""
    domains: dict[Name, DomainSettings] = Field(default_factory=dict)
    """By name, the authorities that name the same patients, for steps of kind `deidentify`: a patient has one pseudonym
    in each domain, whatever the format. See docs/deidentification.md."""
    routes: list[RouteSettings] = Field(min_length=1)
    """The rules that choose the destination of each message, in order."""
    admin: AdminSettings = AdminSettings()
    """The HTTP port for operators: health, metrics and the spool."""
    data_dir: File = Path("/var/lib/hilum")
    """Folder of the spool."""
    spool: SpoolSettings = SpoolSettings()
    """Limits, encryption and retention of the spool of commit mode."""
    audit: AuditSettings | None = None
    """The audit trail; by default there is none."""
    drain_seconds: Seconds = Field(default=30, ge=0)
    """At shutdown, how long Hilum waits until all peers have their outstanding answers."""
    max_in_flight_bytes: Octets = Field(default=256 * 1024 * 1024, ge=1024 * 1024)
    """Octets of messages that all peers of a process together may have in memory. Above it Hilum pauses reading from
    peers with large messages; if that is not enough, new messages are answered as unavailable."""
    workers: int = Field(default=1, ge=1, le=256)
    """Number of processes that share the ports. Each has its own spool: see ``spread`` of the listeners."""
    worker_hang_seconds: Seconds = Field(default=30, ge=5)
    """With ``workers`` above 1: a worker whose event loop is blocked for this long is killed and restarted."""

    @property
    def ports(self) -> dict[str, ListenerSettings]:
        """The listeners to which peers connect."""
        return {name: each for name, each in self.listeners.items() if isinstance(each, ListenerSettings)}

    @property
    def read_stores(self) -> frozenset[str]:
        """The addresses of the stores that listeners read from."""
        return frozenset(each.reads for each in self.listeners.values() if each.reads is not None)


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file; raises ConfigError with every mistake found and its place in the file."""
    return parse(read_text(path), environment, str(path))


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
    return _document(read_text(path), str(path))


def _document(text: str, name: str) -> Document:
    try:
        return read_yaml(text)
    except NotReadable as error:
        raise ConfigError(*(told(name, each) for each in error.mistakes)) from None


def parse(text: str, environment: Mapping[str, str] = os.environ, name: str = "") -> Config:
    """Return the settings in the YAML *text*; raises ConfigError with every mistake found.

    If the text has a *name*, each mistake begins with it and with line and column.
    """
    document = _document(text, name)
    data = {key: value for key, value in document.data.items() if not key.startswith(ANCHORS)}
    found = validated(Config, data, document, environment)
    if found.is_whole:
        found.mistakes += _contradictions(found.raw, document, found.paths)
    return found.settled(name)


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
        if not _is_within(each.path, paths)
    ]
    is_whole = not paths and not any(_is_section(each.path) for each in problems)
    return Validated(settings, raw, mistakes, is_whole)


def _contradictions(raw: dict[str, Any], document: Document, paths: Set[str]) -> Iterator[Mistake]:
    """Yield contradictions between the sections, except those that follow from a mistake already reported."""
    for problem in contradictions(raw):
        path, _, text = problem.partition(": ")
        if not _is_within(path, paths):
            yield Mistake(document.place(path), path, text)


def located(path: Path, problems: Iterable[str]) -> list[str]:
    """Return *problems* that were found after `load`, each with its place in the file."""
    try:
        document = read_document(path)
    except ConfigError:
        return list(problems)
    return [_with_place(path, document, each) for each in problems]


def noticed(path: Path, notices: Iterable[str]) -> list[str]:
    """Return *notices* about a valid configuration, each with the file and its place in the file."""
    lines = zip(notices := list(notices), located(path, notices), strict=True)
    return [f"{line.removesuffix(each) or f'{path}: '}notice: {each}" for each, line in lines]


def _with_place(path: Path, document: Document, problem: str) -> str:
    where = problem.partition(": ")[0]
    is_located = problem.startswith(f"{path}:")
    if is_located or re.split(r"[.\[]", where)[0] not in document.written:
        return problem
    return told(str(path), Mistake(document.place(where), "", problem))


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


def _is_within(path: str, others: Set[str]) -> bool:
    """Whether *path* is one of *others*, or is below one of them."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in others)

"""Loads YAML into frozen settings; reports every mistake with its path, the reason and how to correct it."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from gateway.admin.settings import AdminSettings
from gateway.audit.settings import AuditSettings
from gateway.config.known_keys import nearest
from gateway.config.known_peers import KnownPeer
from gateway.config.models import AnyBucket, AnyDestination, AnyListener, AnyStep
from gateway.config.problems import contradictions, field_problem
from gateway.config.validation import ANCHORS, document_of, is_within, read_document, read_text, told, validated
from gateway.config.yaml_text import Document, Mistake
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import ConfigError
from gateway.contract.forms import Form
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import Count, File, ListenerSettings, Octets, Seconds, Settings
from gateway.journal.settings import JournalSettings
from gateway.kinds import KINDS, Pipeline
from gateway.silence.settings import SilenceSettings
from gateway.spool.settings import SpoolSettings

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
    buckets: dict[Name, AnyBucket] = Field(default_factory=dict)
    """Where objects are, by name: buckets of S3 and GCS, and folders. For destinations of kind `bucket`, `hilum import`
    and `hilum export`."""
    steps: dict[Name, AnyStep] = Field(default_factory=dict)
    """The steps that change or check messages on their way, by name; see docs/steps.md for each kind."""
    domains: dict[Name, DomainSettings] = Field(default_factory=dict)
    """By name, the authorities that name the same patients, for steps of kind `deidentify`: a patient has one pseudonym
    in each domain, whatever the format. See docs/deidentification.md."""
    routes: list[RouteSettings] = Field(min_length=1)
    """The rules that choose the destination of each message, in order."""
    pipeline: Pipeline | None = None
    """The research pipeline: from the buckets of hospitals to a dataset that names nobody. For `hilum pipeline`."""
    peers: dict[str, KnownPeer] = Field(default_factory=dict)
    """What operators know of single peers, by the name of the peer: its AE title, `MSH-3|MSH-4`, or its IP address."""
    silence: SilenceSettings = SilenceSettings()
    """When a peer counts as silent, and when its silence is expected."""
    admin: AdminSettings = AdminSettings()
    """The HTTP port for operators: health, metrics and the spool."""
    data_dir: File = Path("/var/lib/hilum")
    """Folder of the spool and of the journal."""
    spool: SpoolSettings = SpoolSettings()
    """Limits, encryption and retention of the spool of commit mode."""
    journal: JournalSettings = JournalSettings()
    """What became of every message, without payload and without patients: `hilum journal` searches it."""
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
    def keyed_listeners(self) -> frozenset[str]:
        """The listeners of whose identifiers operators see a digest at most."""
        return frozenset(name for name, each in self.listeners.items() if each.identifiers == "keyed")

    @property
    def silence_by_hand(self) -> dict[str, float]:
        """By the name of a peer, the seconds after which it counts as silent."""
        return {name: each.silence_after for name, each in self.peers.items() if each.silence_after is not None}

    @property
    def read_stores(self) -> frozenset[str]:
        """The addresses of the stores that listeners read from."""
        return frozenset(each.reads for each in self.listeners.values() if each.reads is not None)


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file; raises ConfigError with every mistake found and its place in the file."""
    return parse(read_text(path), environment, str(path))


def parse(text: str, environment: Mapping[str, str] = os.environ, name: str = "") -> Config:
    """Return the settings in the YAML *text*; raises ConfigError with every mistake found.

    If the text has a *name*, each mistake begins with it and with line and column.
    """
    document = document_of(text, name)
    data = {key: value for key, value in document.data.items() if not key.startswith(ANCHORS)}
    found = validated(Config, data, document, environment)
    if found.is_whole:
        found.mistakes += _contradictions(found.raw, document, found.paths)
    return found.settled(name)


def _contradictions(raw: dict[str, Any], document: Document, paths: Set[str]) -> Iterator[Mistake]:
    """Yield contradictions between the sections, except those that follow from a mistake already reported."""
    for problem in contradictions(raw):
        path, _, text = problem.partition(": ")
        if not is_within(path, paths):
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

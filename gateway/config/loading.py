"""YAML to frozen settings; reports every mistake with its path, the reason and the mend."""

import os
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from gateway.admin.settings import AdminSettings
from gateway.audit.settings import AuditSettings
from gateway.config.models import AnyDestination, AnyListener, AnyStep
from gateway.config.problems import contradictions, field_problem, setting_problem
from gateway.config.yaml_text import fill_in, read_yaml
from gateway.contract.errors import ConfigError
from gateway.contract.message import COMMON_FACTS
from gateway.contract.settings import Seconds, Settings
from gateway.kinds import KINDS
from gateway.spool.settings import SpoolSettings

FACTS = (*COMMON_FACTS, *dict.fromkeys(chain.from_iterable(each.facts for each in KINDS.listeners.values())))


def _known_fact(name: str) -> str:
    if name not in FACTS:
        problems = [problem for kind in KINDS.listeners.values() if (problem := field_problem(kind, name))]
        if len(problems) == len(KINDS.listeners):
            raise ValueError(f"is neither a fact nor a field; the facts are {', '.join(FACTS)}")
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
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
    attempts: int = Field(default=3, ge=1)
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
    data_dir: Path = Path("/var/lib/hilum")
    """Folder of the spool."""
    spool: SpoolSettings = SpoolSettings()
    """How much commit mode keeps, and how."""
    audit: AuditSettings | None = None
    """The audit trail; by default there is none."""
    drain_seconds: Seconds = Field(default=30, ge=0)
    """At the end, how long busy peers may wait for their answers."""
    max_in_flight_bytes: int = Field(default=256 * 1024 * 1024, ge=1024 * 1024)
    """Octets of messages that all peers of a process together may have in memory. Beyond it those with large messages
    are not read for a while, and when that is not enough, new messages are answered as unavailable."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that share the ports. Each has a spool of its own: see ``spread`` of the listeners."""
    worker_hang_seconds: Seconds = Field(default=30, ge=5)
    """With ``workers`` above 1: a worker whose event loop stands still for so long is killed and started anew."""


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration file; raises ConfigError with every mistake found."""
    return parse(read_file(path), environment)


def read_file(path: Path) -> str:
    """Return the text of the configuration file; raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path}: cannot be read: {reason}; name a readable YAML file") from None


def parse(text: str, environment: Mapping[str, str] = os.environ) -> Config:
    """Return the settings that the YAML *text* holds; raises ConfigError with every mistake found."""
    missing: list[str] = []
    raw = fill_in(read_yaml(text), environment, missing)
    config, problems = None, []
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        problems = [setting_problem(raw, each) for each in error.errors()]
    problems = [*missing, *problems, *contradictions(raw)]
    if config is None or problems:
        raise ConfigError(*problems)
    return config

"""What the command line does with the research pipeline; ``gateway.kinds`` says who does it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from gateway.contract.domains import DomainSettings
from gateway.contract.kind import Tools
from gateway.contract.meter import SourceMeter
from gateway.contract.objects import Bucket
from gateway.contract.tables import Answer

DriverName = Literal["local", "beam"]
STATUS_FOLDER, STATUS_FILE = "work/report", "status.json"
"""Where, below the folder of its tables, a run notes how far it is."""
DRIVERS: tuple[DriverName, ...] = ("local", "beam")


class PipelineError(Exception):
    """Something that cannot be done with the pipeline; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is told of one object while a run goes on. It names no object."""

    done: int
    total: int
    failed: int
    """Objects of which a stage made a dead letter, or that could not be read."""


@dataclass(frozen=True, slots=True)
class StageFacts:
    """How far one stage is with the objects of one hospital."""

    hospital: str
    stage: str
    made: int
    dead: int
    missing: int
    first_reason: str = ""
    """Why the first of the dead letters is one: a fixed sentence."""


@dataclass(frozen=True, slots=True)
class LetterCount:
    """How many dead letters of one stage have the same kind of reason."""

    stage: str
    kind: str
    letters: int


@dataclass(frozen=True, slots=True)
class Running:
    """How far a run is."""

    done: int
    total: int
    """Objects on which it has to work."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run notes in ``STATUS_FILE``. It names no object."""

    running: Running | None = None
    stages: Sequence[StageFacts] = ()
    letters: Sequence[LetterCount] = ()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run has done."""

    objects: int
    done: int
    dead: int
    """Dead letters of this run."""
    later: Mapping[str, int] = field(default_factory=dict)
    """Why objects could not be read now, and how many."""
    unlisted: Mapping[str, str] = field(default_factory=dict)
    """The settings of places that could not be listed, and why."""
    has_written: bool = False

    @property
    def is_good(self) -> bool:
        """Whether everything was listed and read."""
        return not (self.later or self.unlisted)


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter. It names an object, and so perhaps a patient: for the operator's own report."""

    hospital: str
    object: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the operator is told: what gave no row, what was linked, and what the gate has held back."""

    letters: Sequence[Letter]
    linking: Mapping[str, Mapping[str, int]]
    gates: Mapping[str, Any]
    """The gate's reports by the table before which it stood: counts and reasons, no values."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    images: int
    reports: int


class Pipeline(Protocol):
    """The pipeline of one configuration. Methods raise PipelineError, and ConfigError for mistakes in settings."""

    async def run(self, tell: Callable[[Step], None], driver: DriverName) -> RunFacts:
        """Do all that is to be done."""

    def status(self) -> Sequence[StageFacts]:
        """Return how far it is, by what was last listed."""

    def report(self) -> Report:
        """Return what the last run has found."""

    def retry(self) -> int:
        """Remove the dead letters, so that the next run tries their objects again; return how many they were."""

    async def forget(self, hospital: str, uid: str) -> Forgotten:
        """Forget a patient, a study or an instance, on both sides."""

    async def query(self, sql: str, most: int | None) -> Answer:
        """Return the answer to one SELECT over the public table, as it is on the public side."""

    async def search(self, words: str, most: int | None) -> Answer:
        """Return the rows of the public table whose reports have all *words*."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a configuration that a pipeline is opened with."""

    pipeline: Any
    """The section ``pipeline``."""
    step: Any
    """The settings of the step that it names."""
    domains: Mapping[str, DomainSettings]
    open_bucket: Callable[[str], Bucket]
    """Opens a bucket by its name. It can be pickled: every process gets it."""
    version: str
    """Of Hilum: what another version has made is made again."""


OpenPipeline = Callable[[Parts], Pipeline]
SearchPublic = Callable[[Path, str, int], Answer]
"""Returns the first rows of the public table in a folder, with words only those whose reports have all of them.

It blocks, and raises PipelineError.
"""


class Notified(Protocol):
    """What tells that something has changed in the buckets. It does not say what: the listing does."""

    def begin(self) -> Callable[[], None]:
        """Begin to look; return what is to be called when all that was to be done has ended well."""

    async def changed(self) -> None:
        """Return when it is told of a change that came after the last :meth:`begin`."""


OpenNotifications = Callable[[Any, Tools, SourceMeter], AbstractAsyncContextManager[Notified]]
"""Opens what tells of changes, by the section ``pipeline.notifications``; raises ConfigError if a file in it cannot be
used."""

"""What a process needs to work on objects, and what it does with one: read it once, run its stages, write the results.

Both drivers give a process the same :class:`Work` at its start and the same :class:`Task` for each object.
"""

import io
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from adapters.deidentify.engines import Engines, open_engines
from adapters.deidentify.settings import DeidentifySettings
from adapters.pipeline.contract import Dead, Made, Reference
from adapters.pipeline.gate.second_look import second_look
from adapters.pipeline.reports.reading import reports_of
from adapters.pipeline.results import Results, State
from adapters.pipeline.settings import PipelineSettings
from adapters.pipeline.stages import deidentify, headers
from adapters.pipeline.stages.forgotten import FORGOTTEN, NOTHING, Forgotten
from adapters.pipeline.stages.inventory import places
from adapters.pipeline.thumbnails.making import thumbnail
from gateway.contract.domains import DomainSettings
from gateway.contract.errors import GatewayError
from gateway.contract.objects import Bucket, NotThere, ObjectError

TOO_LARGE = "it has more octets than `pipeline.max_object_bytes`"
CHANGED = "it was replaced while it was read; the next run takes what is there now"
INTERNAL_ERROR = "an internal error"
NOT_UNZIPPED = "it is gzipped, and cannot be unzipped to at most `pipeline.max_object_bytes`"
GZIP = b"\x1f\x8b"  # RFC 1952 2.3.1
REPORTS = "reports"


@dataclass(frozen=True, slots=True)
class Task:
    """One object, and the stages whose results are missing, each with the name of its result."""

    what: str
    reference: Reference
    stages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a task: by stage what its result holds, or why there is none yet."""

    task: Task
    states: Mapping[str, State] = field(default_factory=dict)
    later: str = ""
    """Why the object could not be read now; a later run tries again."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """By stage, the first reason of its dead letters."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every process is told at its start. It can be pickled."""

    settings: PipelineSettings
    step: DeidentifySettings
    domains: Mapping[str, DomainSettings]
    folder: Path
    open_bucket: Callable[[str], Bucket]
    forgotten: Mapping[str, Forgotten] = field(default_factory=dict)
    """By hospital, what nothing may be made of any more."""


class Processor:
    """Works on one object at a time. The same object always gives the same results."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._results = Results(work.folder)
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, task: Task) -> Done:
        """Do what is missing; return what became of it. Raises nothing."""
        if task.reference.size > self._work.settings.max_object_bytes:
            return self._all_dead(task, TOO_LARGE)
        try:
            octets = await self._read(task)
        except NotThere:
            return Done(task, later=CHANGED)
        except ObjectError as error:
            return Done(task, later=f"the bucket: {error}")
        if len(octets) != task.reference.size:
            return Done(task, later=CHANGED)
        if task.what == "image" and octets.startswith(GZIP):
            try:
                octets = _unzipped(octets, self._work.settings.max_object_bytes)
            except (zlib.error, ValueError):
                return self._all_dead(task, NOT_UNZIPPED)
        return self._written(task, lambda stage: self._made(task, stage, octets))

    def _all_dead(self, task: Task, reason: str) -> Done:
        return self._written(task, lambda stage: Made(dead=[Dead(task.reference, stage, reason)]))

    async def _read(self, task: Task) -> bytes:
        hospital = self._work.settings.hospitals[task.reference.hospital]
        name = places(hospital)[task.what].partition(":")[0]  # type: ignore[index]
        if name not in self._buckets:
            self._buckets[name] = self._work.open_bucket(name)
        return await self._buckets[name].read(task.reference.key)

    def _written(self, task: Task, made_by: Callable[[str], Made]) -> Done:
        states: dict[str, State] = {}
        reasons: dict[str, str] = {}
        for stage, name in task.stages.items():
            try:
                made = made_by(stage)
            except GatewayError as error:  # the crosswalk: nothing is wrong with the object
                return Done(task, states, later=str(error), reasons=reasons)
            states[stage] = self._results.write(stage, name, made)
            if made.dead:
                reasons[stage] = made.dead[0].reason
        return Done(task, states, reasons=reasons)

    def _made(self, task: Task, stage: str, octets: bytes) -> Made:
        reference = task.reference
        try:
            gone = self._work.forgotten.get(reference.hospital, NOTHING)
            if stage != REPORTS and gone.has_image(octets):
                return Made(dead=[Dead(reference, stage, FORGOTTEN)])
            if stage == headers.STAGE:
                return headers.headers(reference, octets)
            if stage == deidentify.STAGE:
                names = self._work.settings.public.columns
                look = second_look if self._work.settings.gate.second_look else None
                return deidentify.public(reference, octets, self._engines, names, thumbnail, look)
            hospital = self._work.settings.hospitals[reference.hospital]
            assert hospital.columns is not None  # noqa: S101  the settings have seen to it
            named = replace(reference, key=headers.text_of(reference.key))
            return gone.without(reports_of(named, io.BytesIO(octets), hospital.columns, hospital))
        except GatewayError:
            raise
        except Exception:  # noqa: BLE001  its text may quote the object, so nobody may print it
            return Made(dead=[Dead(reference, stage, INTERNAL_ERROR)])

    @cached_property
    def _engines(self) -> Engines:
        return open_engines(self._work.step, self._work.domains)

    def close(self) -> None:
        """Close what is open."""
        if "_engines" in self.__dict__ and self._engines.crosswalk is not None:
            self._engines.crosswalk.close()


def _unzipped(octets: bytes, most: int) -> bytes:
    """Return what a gzip file holds; raises zlib.error, or ValueError if it is cut or too large."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    found = inflater.decompress(octets, most + 1)
    if len(found) > most or not inflater.eof:
        raise ValueError("it is cut, or too large")
    return found


@asynccontextmanager
async def opened(work: Work) -> AsyncIterator[Processor]:
    """Open what a process needs."""
    processor = Processor(work)
    try:
        yield processor
    finally:
        processor.close()

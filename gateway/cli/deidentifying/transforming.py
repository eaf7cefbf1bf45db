"""Brings one unit through the step and into the output folder; whatever is held back is counted, and not written."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from gateway.cli.deidentifying.output import Output
from gateway.cli.deidentifying.reading import (
    TOO_LARGE,
    UNKNOWN,
    NotReadError,
    ReadFailedError,
    format_of,
    instance_of,
    messages_of,
    texts_of,
)
from gateway.cli.deidentifying.results import Result
from gateway.cli.deidentifying.units import Unit
from gateway.contract.errors import GatewayError, StepRefused
from gateway.contract.message import UID, Message
from gateway.contract.outcome import Refused, Unavailable
from gateway.contract.step import Step
from gateway.flow.steps import go_through
from gateway.kinds import KINDS

BEGINNING = 64 * 1024
SYNTAX = re.compile(rb"\x02\x00\x10\x00UI..([0-9.]{1,64})", re.DOTALL)
"""Transfer Syntax UID in the File Meta Information that the step has written (PS3.10 7.1)."""
TYPE = re.compile(r"[A-Z][A-Za-z]{1,40}")
ENDINGS = {"hl7v2": "hl7", "fhir": "json", "lines": "ndjson"}
HELD = re.compile(r"(?:step [^:]+: )?The message cannot be de-identified, so it is held back: ")
OTHER = (
    "an output of this name has another content: another instance has the same SOP Instance UID, or the file has"
    " changed since it was written; name a new folder to write to"
)
NO_MESSAGE = "it is empty"
UNREADABLE = "it cannot be read: {}"
UNWRITABLE = "the output cannot be written: {}; correct that, and run the same command again"
INTERNAL_ERROR = "an internal error"
NO_UID = "its new UIDs are not valid"


class StoppedError(Exception):
    """Nothing can be done any more: the output or the crosswalk takes nothing."""


class Transforming:
    """What a worker does with units."""

    def __init__(self, name: str, step: Step, out: Path, name_of: Callable[[str], str]) -> None:
        self._steps, self._via = {name: step}, (name,)
        self._output, self._name_of = Output(out), name_of

    async def __call__(self, unit: Unit) -> Result:
        """De-identify a unit; return what became of it. Raises nothing."""
        result = Result()
        try:
            if unit.problem:
                raise NotReadError(unit.problem)
            form = format_of(unit)
            result.format = "fhir" if form == "lines" else form
            if form == "dicom":
                await self._instance(unit, result)
            elif form:
                await self._texts(unit, form, result)
            else:
                raise NotReadError(UNKNOWN)
        except NotReadError as error:
            result.hold(str(error), 1)
        except ReadFailedError as error:
            return Result("failed", result.format, problem=UNREADABLE.format(error))
        except StoppedError as error:
            return Result("stopped", result.format, problem=str(error))
        except OSError as error:  # reading raises others
            return Result("stopped", result.format, problem=UNWRITABLE.format(error.strerror or type(error).__name__))
        except Exception:  # noqa: BLE001  its text may quote the file, so nobody may print it
            return Result("failed", result.format, problem=INTERNAL_ERROR)
        if not result.done:
            result.outcome = "held"
        return result

    async def _instance(self, unit: Unit, result: Result) -> None:
        made = await self._through(instance_of(unit))
        if isinstance(made, str):
            result.hold(made, 1)
            return
        digest = self._name_of(unit.place)
        with self._output.writing(digest) as file:
            try:
                async for chunk in made.body.chunks():
                    file.write(chunk)
            except StepRefused as error:
                result.hold(reason_of(error.refused), 1)
                return
            except GatewayError as error:
                raise StoppedError(str(error)) from None
            self._put(file, digest, _named(made, file), result)

    async def _texts(self, unit: Unit, form: str, result: Result) -> None:
        digest, kind = self._name_of(unit.place), "hl7v2" if form == "hl7v2" else ""
        with self._output.writing(digest) as file:
            part = 0
            for line, data in texts_of(unit, form):
                if data is None:
                    result.hold(TOO_LARGE, line)
                    continue
                try:
                    messages = list(messages_of(data, form))
                except NotReadError as error:
                    result.hold(str(error), line)
                    continue
                for message in messages:
                    part = line if form == "lines" else part + 1
                    made = await self._through(message)
                    if isinstance(made, str):
                        result.hold(made, part)
                        continue
                    kind = kind or _type_of(made)
                    result.done += 1
                    await _write(made, file, b"\n" if form == "lines" else b"\r" if form == "hl7v2" else b"")
            if result.done:
                done, result.done = result.done, 0
                self._put(file, digest, f"{kind or 'fhir'}-{digest}.{ENDINGS[form]}", result, done)
        if not result.done and not result.held:
            raise NotReadError(NO_MESSAGE)

    def _put(self, file: BinaryIO, digest: str, final: str | None, result: Result, done: int = 1) -> None:
        published = "none" if final is None else self._output.publish(file, digest, final)
        if final is None or published == "other":
            result.hold(NO_UID if final is None else OTHER, 1)
            return
        result.done, result.outputs = done, [final]
        result.outcome = "same" if published == "same" else "written"

    async def _through(self, message: Message) -> Message | str:
        """Return the message after the step, or why it is held back."""
        try:
            made = await go_through(replace(message, via=self._via), self._steps)
        except GatewayError as error:
            raise StoppedError(str(error)) from None
        if isinstance(made, Unavailable):
            raise StoppedError(made.reason)
        return reason_of(made) if isinstance(made, Refused) else made


async def _write(made: Message, file: BinaryIO, end: bytes) -> None:
    last = b""
    async for chunk in made.body.chunks():
        file.write(chunk)
        last = bytes(chunk[-1:])
    if last != end:
        file.write(end)


def reason_of(refused: Refused) -> str:
    """Return why a step holds a message back, without the words that all such reasons have."""
    return HELD.sub("", refused.reason, count=1)


def _type_of(made: Message) -> str:
    kind = made.facts.get("resource_type", "")
    return kind if TYPE.fullmatch(kind) else ""


def _named(made: Message, file: BinaryIO) -> str | None:
    """Return the name of an instance, from its new UIDs in what was written; None if they are not valid."""
    file.seek(0)
    beginning = file.read(BEGINNING)
    file.seek(0, 2)
    found = SYNTAX.search(beginning, 132)
    facts = {"transfer_syntax_uid": found[1].decode()} if found else {}
    study = KINDS.listeners["dimse"].subject_of(replace(made, facts=facts), beginning).study_instance_uid
    instance = made.identifiers.get("sop_instance_uid", "")
    return f"{study}/{instance}.dcm" if UID.fullmatch(study) and UID.fullmatch(instance) else None

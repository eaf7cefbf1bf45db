"""The OBX of a document: its text and its attachments."""

import base64
from collections.abc import Iterator, Sequence

from adapters.fhir import observations
from adapters.fhir.attachments import attachment
from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.notes import comment
from adapters.fhir.observations import Run
from adapters.fhir.orders import first_text
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.report import Reason
from adapters.fhir.values import ATTACHED, RUNS

TEXT = "text/plain; charset=utf-8"
DELETED = frozenset({"D", "W"})
"""OBX-11 of a part that is no longer part of the document."""


def split_content(segments: Sequence[Segment], context: Context) -> tuple[list[Json], list[Segment]]:
    """Return the content of a document, and the segments of its other observations."""
    parts = list(observations.runs([each for each in segments if each.name in {"OBX", "NTE"}], context))
    others = [each for part in parts if not _is_content(part, context) for each in (part.first, *part.notes)]
    return list(_contents(parts, context)), others


def _is_content(part: Run, context: Context) -> bool:
    return observations.kind_of(part.first, context) in {*RUNS, *ATTACHED, ""}


def _contents(parts: Sequence[Run], context: Context) -> Iterator[Json]:
    """Yield the text, which is one however many OBX it has, and each attachment."""
    texts: list[tuple[str, str]] = []
    attached: list[Json] = []
    for part in parts:
        if not _is_content(part, context) or _is_deleted(part, context):
            continue
        title = _title(part, context)
        if observations.kind_of(part.first, context) in ATTACHED:
            attached += [{**each, "title": title} if title else each for each in _attachments(part, context)]
        elif text := _text(part, context):
            texts.append((title, text))
    if texts:
        titles = {title for title, _ in texts}
        whole = "\n\n".join(f"{title}\n{text}".strip() if len(titles) > 1 else text for title, text in texts)
        made = {"contentType": TEXT, "data": base64.b64encode(whole.encode("utf-8", "replace")).decode()}
        yield {**made, "title": texts[0][0]} if len(titles) == 1 and texts[0][0] else made
    yield from attached


def _is_deleted(part: Run, context: Context) -> bool:
    """Whether the part is no longer part of the document, which is reported."""
    deleted = first_text(part.first, 11, context) in DELETED
    if deleted:
        context.at(part.first, 5)
        context.leave(Reason.NO_ELEMENT)
    return deleted


def _title(part: Run, context: Context) -> str:
    """Return the words of OBX-3; R4 has no place for its code."""
    obx = part.first
    for number in (1, 2, 4):
        obx.get(number)
    context.at(obx, 3)
    found = context.texts(obx.get(3).split(context.delimiters.repetition)[0])
    context.only(found, frozenset((2,)))
    return found[1] if len(found) > 1 else ""


def _text(part: Run, context: Context) -> str:
    """Return the lines of a text, with the comments on it."""
    comments = (comment(each, context) for each in part.notes)
    return "\n".join([*observations.lines(part, context), *comments]).strip()


def _attachments(part: Run, context: Context) -> Iterator[Json]:
    obx = part.first
    context.at(obx, 5)
    for raw in obx.get(5).split(context.delimiters.repetition):
        if raw and raw != NULL and (made := attachment(observations.kind_of(obx, context), raw, context)):
            yield made

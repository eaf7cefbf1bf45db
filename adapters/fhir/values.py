"""The value of an observation, by the datatype that OBX-2 names."""

import re
from collections.abc import Callable
from typing import Any

from adapters.fhir import quantities
from adapters.fhir.bundle import Json
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.periods import period
from adapters.fhir.report import Reason

Value = tuple[str, Any]
"""The type in ``value[x]``, and the value."""
LINES = frozenset({"TX", "FT"})
"""Datatypes of which each repetition is a line of one text."""
RUNS = frozenset({"TX", "FT", "ST"})
"""Datatypes of which several OBX with the same code are lines of one text."""
ATTACHED = frozenset({"ED", "RP"})
"""Datatypes of documents, which no ``value[x]`` of R4 takes."""
_CLOCK = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(\.\d{1,4})?\Z", re.ASCII)
"""A TM. FHIR's time has no offset: with one it is carried as text."""


def read_value(kind: str, raw: str, measured: Json, context: Context) -> Value | None:
    """Return the value of one repetition of OBX-5; as text, with a line in the report, where it has another form."""
    if not raw:
        return None
    reader = _READERS.get(kind)
    if reader is _as_text:
        return reader(raw, measured, context)
    made = reader(raw, measured, context) if reader is not None else None
    if made is not None:
        return made
    text = _as_text(raw, measured, context)
    if text is not None:
        context.leave(Reason.AS_TEXT)
    return text


def _as_text(raw: str, _: Json, context: Context) -> Value | None:
    text = context.delimiters.text(raw)
    return ("String", text) if text else None


def _as_words(raw: str, _: Json, context: Context) -> Value | None:
    text = " ".join(each for each in context.texts(raw) if each)
    return ("String", text) if text else None


def _concept(raw: str, _: Json, context: Context) -> Value | None:
    made = concept(raw, context)
    return ("CodeableConcept", made) if made else None


def _number(raw: str, measured: Json, context: Context) -> Value | None:
    made = quantities.quantity(context.delimiters.text(raw), measured)
    return ("Quantity", made) if made else None


def _moment(raw: str, _: Json, context: Context) -> Value | None:
    made = context.date_time(raw)
    return ("DateTime", made) if made else None


def _clock(raw: str, _: Json, context: Context) -> Value | None:
    found = _CLOCK.match(context.delimiters.text(raw))
    return ("Time", f"{found[1]}:{found[2]}:{found[3] or '00'}{found[4] or ''}") if found else None


def _span(raw: str, _: Json, context: Context) -> Value | None:
    parts = context.components(raw)
    made = period(parts[0], parts[1] if len(parts) > 1 else "", context, "1")
    return ("Period", made) if made else None


def _range(raw: str, measured: Json, context: Context) -> Value | None:
    parts = context.texts(raw)
    given = {name: quantities.number(part) for name, part in zip(("low", "high", "more"), parts, strict=False) if part}
    low, high = given.get("low"), given.get("high")
    if None in given.values() or "more" in given or (low is not None and high is not None and low > high):
        return None  # a limit that is no number, such as >10
    limits = {name: {"value": value, **measured} for name, value in given.items()}
    return ("Range", limits) if limits else None


_READERS: dict[str, Callable[[str, Json, Context], Value | None]] = {
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), _concept),
    **dict.fromkeys(("ST", "TX", "FT", "VR"), _as_text),
    **dict.fromkeys(("XCN", "CX", "EI", "TN", "XPN", "XAD", "XTN", "PN"), _as_words),
    **dict.fromkeys(("TS", "DT", "DTM"), _moment),
    "NM": _number,
    "SN": quantities.structured,
    "TM": _clock,
    "DR": _span,
    "NR": _range,
}
DATATYPES = frozenset({*_READERS, *ATTACHED})
"""The datatypes that are known."""

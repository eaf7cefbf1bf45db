"""Functions for identifiers and their authorities: CX, EI, HD, and numbers without an authority, such as DLN."""

from adapters.fhir.bundle import Json, without_empty
from adapters.fhir.codes import coding, counterpart
from adapters.fhir.context import Context
from adapters.fhir.periods import period

_CX = frozenset((1, 4, 5, 6, 7, 8))


def authority(raw: str, context: Context) -> tuple[str, str]:
    """Return the URI and the name of an HD; each may be empty. A message repeats the same ones."""
    known: tuple[str, str] | None = context.known.get(("HD", "", raw))
    if known is None:
        known = context.known["HD", "", raw] = _authority(raw, context)
    return known


def _authority(raw: str, context: Context) -> tuple[str, str]:
    parts = [context.delimiters.text(each) for each in raw.split(context.delimiters.subcomponent)]
    name, number, kind = (*parts, "", "", "")[:3]
    systems = context.options.systems
    if kind in {"", "ISO", "UUID", "URI", "URL", "HL7", "GUID"} and (system := systems.of_id(number)):
        return system, name
    return systems.configured.get(name, "") or systems.of_id(name), name or number


def identifier(raw: str, context: Context, default_type: str = "") -> Json | None:
    """CX: an identifier with its type and its authority."""
    parts = context.components(raw)
    context.only(parts, _CX)
    parts += [""] * (8 - len(parts))
    value = context.delimiters.text(parts[0])
    if not value:
        return None
    system, name = authority(parts[3], context) if parts[3] else ("", "")
    if not name and parts[5]:
        name = authority(parts[5], context)[1]
    made = {
        "type": identifier_type(context.delimiters.text(parts[4]) or default_type, context),
        "system": system,
        "value": value,
        "period": period(parts[6], parts[7], context, "7"),
        "assigner": {"display": name},
    }
    return without_empty(made)


def entity_identifier(raw: str, context: Context, default_type: str = "") -> Json | None:
    """EI: the number of an order, a specimen or a result."""
    parts = context.components(raw)
    value = context.delimiters.text(parts[0])
    if not value:
        return None
    system, name = entity_authority(parts, context)
    made = {
        "type": identifier_type(default_type, context),
        "system": system,
        "value": value,
        "assigner": {"display": name},
    }
    return without_empty(made)


def entity_authority(parts: list[str], context: Context) -> tuple[str, str]:
    """Return URI and name of the authority of an EI: its components 2 to 4 are an HD."""
    return authority(context.delimiters.subcomponent.join(parts[1:4]), context)


def identifier_type(code: str, context: Context) -> Json | None:
    """Return the type of an identifier."""
    if not code:
        return None
    known = counterpart(code, "", context, "identifier_type")
    return {"coding": [coding(known.code, known.system, known.display)]} if known else {"text": code}


def typed_identifier(raw: str, context: Context, kind: str) -> Json | None:
    """Return an identifier that has no authority of its own, such as a driver's licence."""
    parts = context.components(raw)
    context.only(parts, frozenset((1, 3)) if kind == "DL" else frozenset((1,)))
    value = context.delimiters.text(parts[0])
    end = context.date_time(parts[2], "3") if kind == "DL" and len(parts) > 2 and parts[2] else None
    made = {"type": identifier_type(kind, context), "value": value, "period": {"end": end} if end else None}
    return without_empty(made) if value else None

"""Functions for who does something: people (XCN, NDL) and organizations (XON)."""

from adapters.fhir.bundle import Json, without_empty
from adapters.fhir.codes import coding
from adapters.fhir.context import Context
from adapters.fhir.identifiers import authority, identifier_type
from adapters.fhir.names import NAME_USES, name_of
from adapters.fhir.periods import period
from adapters.fhir.systems import TERMINOLOGY

PARTICIPATIONS = {
    "ADM": "admitter",
    "ATND": "attender",
    "CON": "consultant",
    "PART": "Participation",
    "REF": "referrer",
}
_XCN = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 19, 20, 21))
_OF_A_RESOURCE = frozenset((10, 19, 20))
_XON = frozenset((1, 3, 6, 10))


def practitioner(raw: str, context: Context, _: str = "") -> Json | None:
    """XCN: a reference to a person; to a resource only if the number has an authority, which makes it unique."""
    parts = context.components(raw)
    parts += [""] * (21 - len(parts))
    number = context.delimiters.text(parts[0])
    name = name_of([*parts[1:8], parts[20]], (1, 2), (3, 5, 7), (4,), context)
    shown = " ".join([*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""), *name.get("suffix", ())])
    system, owner = authority(parts[8], context) if parts[8] else ("", "")
    made = {
        "type": identifier_type(context.delimiters.text(parts[12]), context),
        "system": system,
        "value": number,
        "assigner": {"display": owner},
    }
    known = without_empty(made) if number else None
    if known is None or not (system or owner):
        context.only(parts, _XCN - _OF_A_RESOURCE)
        return without_empty({"identifier": known, "display": shown.strip()})
    context.only(parts, _XCN)
    natural = (system, number) if system else None
    found = context.bundle.get("Practitioner", ("XCN", *context.space(system, owner), number), natural)
    found.body.setdefault("identifier", [known])
    if name:
        name["use"] = NAME_USES.get(context.delimiters.text(parts[9]), "")
        name["period"] = period(parts[18], parts[19], context, "19")
        found.body.setdefault("name", [without_empty(name)])
    return without_empty({**found.reference, "display": shown.strip()})


def organization(raw: str, context: Context, _: str = "") -> Json | None:
    """XON: a reference to an organization; to a resource only if its number has an authority."""
    parts = context.components(raw)
    context.only(parts, _XON)
    parts += [""] * (10 - len(parts))
    name = context.delimiters.text(parts[0])
    number = context.delimiters.text(parts[9] or parts[2])
    system, owner = authority(parts[5], context) if parts[5] else ("", "")
    made = {"system": system, "value": number, "assigner": {"display": owner}}
    known = without_empty(made) if number else None
    if known is None or not (system or owner):
        return without_empty({"identifier": known, "display": name})
    natural = (system, number) if system else None
    found = context.bundle.get("Organization", ("XON", *context.space(system, owner), number), natural)
    found.body.setdefault("identifier", [known])
    if name:
        found.body.setdefault("name", name)
    return without_empty({**found.reference, "display": name})


def participant(raw: str, context: Context, role: str) -> Json | None:
    """Return a person who takes part in an encounter, in this role."""
    found = practitioner(raw, context)
    if not found:
        return None
    kind = {"coding": [coding(role, f"{TERMINOLOGY}v3-ParticipationType", PARTICIPATIONS.get(role, ""))]}
    return {"type": [kind], "individual": found}


def principal(raw: str, context: Context, _: str = "") -> Json | None:
    """NDL: a person whose parts are subcomponents of the first component."""
    parts = context.components(raw)
    context.only(parts, frozenset((1,)))
    person = parts[0].split(context.delimiters.subcomponent)
    person += [""] * (11 - len(person))
    as_name = [*person[:8], context.delimiters.subcomponent.join(person[8:11])]
    return practitioner(context.delimiters.component.join(as_name), context)

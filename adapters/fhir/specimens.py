"""Specimens: SPM with its containers, or before HL7 2.5 the source in OBR-15."""

from collections.abc import Sequence

from adapters.fhir import rows
from adapters.fhir.bundle import Json, Resource, urn
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.identifiers import entity_identifier
from adapters.fhir.periods import period
from adapters.fhir.quantities import quantity, unit
from adapters.fhir.reading import NULL, Segment


def specimens(
    found: Sequence[Segment], obr: Segment | None, parent: Resource, owner: Resource, context: Context
) -> list[Resource]:
    """Return the specimens of an order or a report, *parent*: those of SPM, or the one of OBR-15."""
    made = [_specimen(each, parent, owner, context) for each in found]
    if obr is None:
        return made
    for each in made:
        _add_of_order(each, obr, context)
    if not found and obr.peek(15) not in {"", NULL}:
        made += _source(obr, parent, owner, context)
    return made


def _specimen(spm: Segment, parent: Resource, owner: Resource, context: Context) -> Resource:
    """Return the specimen of *spm*. SPM-2 is a pair of numbers, the placer's and the filler's."""
    given = _pair(spm.get(2), context)
    key = (*parent.key, "SPM", context.delimiters.text(spm.get(1)))
    found = context.bundle.get("Specimen", _key(given[-1], owner, context) if given else key)
    rows.apply("SPM-Specimen", spm, found, context)
    listed: list[Json] = found.body.setdefault("identifier", [])
    listed += [each for each in given if each not in listed]
    if given:
        found.owns.add("identifier")
    if parents := [_reference(each, owner, context) for each in _parents(spm, context)]:
        found.own("parent", parents)
    add_container(found, "SPM-Container", spm, context)
    found.own("subject", owner.reference)
    return found


def _pair(raw: str, context: Context) -> list[Json]:
    """EIP: return the placer's and the filler's number, as far as they are there."""
    delimiters = context.delimiters
    parts = [each.replace(delimiters.subcomponent, delimiters.component) for each in context.components(raw)[:2]]
    return [found for each in parts if (found := entity_identifier(each, context)) is not None]


def _key(number: Json, owner: Resource, context: Context) -> tuple[str, ...]:
    name = number.get("assigner", {}).get("display", "")
    return ("SPM-2", *context.space(number.get("system", ""), name, owner.key), number["value"])


def named(raw: str, owner: Resource, context: Context) -> Json | None:
    """EIP: return a reference to the specimen with these numbers; None without one."""
    found = _pair(raw, context)
    return _reference(found[-1], owner, context) if found else None


def _parents(spm: Segment, context: Context) -> list[Json]:
    """Return the number of each specimen of which this one is a part: the filler's, if it has one."""
    found = (_pair(each, context) for each in spm.get(3).split(context.delimiters.repetition) if each != NULL)
    return [each[-1] for each in found if each]


def _reference(number: Json, owner: Resource, context: Context) -> Json:
    """Return a reference to a specimen of the message, or to one of which only the number is known."""
    known = context.bundle.find(urn("Specimen", _key(number, owner, context)))
    return known.reference if known is not None else {"type": "Specimen", "identifier": number}


def add_container(found: Resource, table: str, segment: Segment, context: Context, more: Json | None = None) -> None:
    """Add what a segment says of the container. What SPM and the first SAC say is about the same one."""
    container: Json = {**(more or {})}
    rows.fill(table, segment, container, context)
    listed: list[Json] = found.body.setdefault("container", [])
    if len(listed) == 1 and "identifier" not in listed[0] and container:
        container = {**listed.pop(), **container}
    if container and container not in listed:
        listed.append(container)
    if listed:
        found.owns.add("container")
    else:
        del found.body["container"]


def add_sac(found: Resource, sac: Segment, context: Context) -> None:
    """Add a container, with its volume (SAC-21) and that of the specimen (SAC-22) in the unit of SAC-24."""
    rows.apply("SAC-Specimen", sac, found, context)
    volumes: Json = {}
    measured = unit(sac.peek(24).replace(NULL, ""), context)
    for number, name in ((21, "capacity"), (22, "specimenQuantity")):
        context.at(sac, number)
        volume = quantity(context.delimiters.text(sac.peek(number)), measured)
        if volume is not None and "comparator" not in volume:
            sac.read |= {number, 24}
            volumes[name] = volume
    add_container(found, "SAC-Container", sac, context, volumes)


def _source(obr: Segment, parent: Resource, owner: Resource, context: Context) -> list[Resource]:
    """SPS: return the specimen of OBR-15, with what other fields of OBR say of it; nothing without its kind."""
    context.at(obr, 15)
    parts = context.components(obr.get(15).split(context.delimiters.repetition)[0])
    context.only(parts, frozenset({1, 2, 3, 4}))
    parts = [each.replace(context.delimiters.subcomponent, context.delimiters.component) for each in parts]
    parts += [""] * (4 - len(parts))
    kind = concept(parts[0], context, "specimen_type")
    if kind is None:
        return []
    found = context.bundle.get("Specimen", (*parent.key, "OBR-15"))
    found.own("type", kind)
    if additive := concept(parts[1], context, "additive"):
        found.own("container", [{"additiveCodeableConcept": additive}])
    if text := context.delimiters.text(parts[2]):
        found.own("note", [{"text": text}])
    context.at(obr, 15)
    if site := concept(parts[3], context):
        found.body["collection"] = {"bodySite": site}
        found.owns.add("collection.bodySite")
    _add_of_order(found, obr, context)
    found.own("subject", owner.reference)
    return [found]


def _add_of_order(found: Resource, obr: Segment, context: Context) -> None:
    """Add what OBR says of the specimen, and SPM does not."""
    if not found.body.get("collection", {}).keys() & {"collectedDateTime", "collectedPeriod"}:
        _set_collected(found, obr, context)
    rows.apply("OBR-Specimen", obr, found, context)


def _set_collected(found: Resource, obr: Segment, context: Context) -> None:
    """Set when the specimen was taken: OBR-7, or a period if there is an end, OBR-8."""
    context.at(obr, 7)
    start, end = (obr.get(number).replace(NULL, "") for number in (7, 8))
    name, value = (
        ("collectedPeriod", period(start, end, context, "1"))
        if end
        else ("collectedDateTime", context.date_time(start) if start else None)
    )
    if value:
        found.body.setdefault("collection", {})[name] = value
        found.owns.add("collection.collected[x]")

"""A function for each datatype of people, places and identifiers; each gets one repetition of a field."""

import re

from adapters.fhir.bundle import Json, cleaned
from adapters.fhir.codes import coding, codings, counterpart
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY
from adapters.fhir.tables import HL7_EXTENSIONS
from adapters.fhir.times import is_before

NAME_USES = {
    "L": "official",
    "M": "maiden",
    "D": "usual",
    "N": "nickname",
    "S": "anonymous",
    "B": "old",
    "BAD": "old",
}
ADDRESS_USES = {"H": "home", "P": "home", "B": "work", "O": "work", "C": "temp", "BA": "old", "BI": "billing"}
ADDRESS_TYPES = {"M": "postal"}
EQUIPMENT = {"PH": "phone", "CP": "phone", "SAT": "phone", "FX": "fax", "BP": "pager", "INTERNET": "email"}
PHONE_USES = {"PRN": "home", "WPN": "work", "VHN": "temp", "ORN": "home", "PRS": "mobile"}
PARTICIPATIONS = {
    "ADM": "admitter",
    "ATND": "attender",
    "CON": "consultant",
    "PART": "Participation",
    "REF": "referrer",
}
_FN_EXTENSIONS = ("own-prefix", "own-name", "partner-prefix", "partner-name")
_CX = frozenset((1, 4, 5, 6, 7, 8))
_XPN = frozenset((1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14))
_XAD = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14))
_XCN = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 19, 20, 21))
_OF_A_RESOURCE = frozenset((10, 19, 20))
_XON = frozenset((1, 3, 6, 10))
_PL = frozenset((1, 2, 3, 4, 7, 8, 9))
_XTN = frozenset((1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 18))


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


def human_name(raw: str, context: Context, _: str = "") -> Json | None:
    """XPN: a name; surnames of a couple are kept apart."""
    parts = context.components(raw)
    context.only(parts, _XPN)
    parts += [""] * (14 - len(parts))
    use = context.delimiters.text(parts[6])
    made = _name(parts, (1, 2), (3, 5, 13), (4,), context)
    if not made:
        return None
    if use and use not in NAME_USES:
        context.leave(Reason.NOT_IN_TABLE, "7")
    made["use"] = NAME_USES.get(use, "")
    made["period"] = period(parts[11], parts[12], context, "12") or _range(parts[9], context, "10")
    return without_empty(made)


def _name(
    parts: list[str], given: tuple[int, ...], suffix: tuple[int, ...], prefix: tuple[int, ...], context: Context
) -> Json:
    """Return a name from a family name in the first of *parts* and the others at these indices."""
    text = context.delimiters.text
    family = [text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    more = [
        {"url": f"{HL7_EXTENSIONS}humanname-{name}", "valueString": value}
        for name, value in zip(_FN_EXTENSIONS, family[1:], strict=False)
        if value
    ]
    made = {
        "family": family[0],
        "_family": {"extension": more} if more and family[0] else None,
        "given": [each for index in given if (each := text(parts[index]))],
        "prefix": [each for index in prefix if (each := text(parts[index]))],
        "suffix": [each for index in suffix if (each := text(parts[index]))],
    }
    return without_empty(made) or {}


def maiden_name(raw: str, context: Context, _: str = "") -> str | None:
    """Return the family name of an XPN; other parts are reported."""
    parts = context.components(raw)
    context.only(parts, frozenset((1, 7)))
    return context.delimiters.text(parts[0].split(context.delimiters.subcomponent)[0]) or None


def address(raw: str, context: Context, _: str = "") -> Json | None:
    """XAD: an address."""
    text = context.delimiters.text
    parts = context.components(raw)
    context.only(parts, _XAD)
    parts += [""] * (14 - len(parts))
    street = [text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    more = [each for each in street[1:] if each and each not in street[0]]
    lines = [street[0], *more] if street[0] else [" ".join(more)]
    county = [text(each) for each in parts[8].split(context.delimiters.subcomponent)[:2]]
    if all(county[1:]) and len(county) > 1:
        context.leave(Reason.NO_ELEMENT, "9")  # its code
    kind = text(parts[6])
    if kind and kind not in ADDRESS_USES and kind not in ADDRESS_TYPES:
        context.leave(Reason.NOT_IN_TABLE, "7")
    made: Json = {
        "use": ADDRESS_USES.get(kind, ""),
        "type": ADDRESS_TYPES.get(kind, ""),
        "line": [*lines, text(parts[1])],
        "city": text(parts[2]),
        "district": next((each for each in reversed(county) if each), ""),
        "state": text(parts[3]),
        "postalCode": text(parts[4]),
        "country": text(parts[5]),
        "period": period(parts[12], parts[13], context, "13") or _range(parts[11], context, "12"),
    }
    found = without_empty(made)
    return found if found and found.keys() - {"use", "type", "period"} else None


def _range(raw: str, context: Context, part: str) -> Json | None:
    """DR: return the time for which a name or an address is valid, as HL7 2.3 to 2.6 have it in one component."""
    ends = [*raw.split(context.delimiters.subcomponent), ""]
    found = {
        name: value
        for name, each in zip(("start", "end"), ends, strict=False)
        if each and (value := context.date_time(each, part))
    }
    if len(found) > 1 and is_before(found["end"], found["start"]):
        del found["end"]
        context.leave(Reason.OUT_OF_ORDER, part)
    return found or None


def telecom(raw: str, context: Context, default_use: str = "") -> list[Json]:
    """XTN: a telephone number, an address of electronic mail, or both."""
    parts = context.texts(raw)
    context.only(parts, _XTN)
    parts += [""] * (18 - len(parts))
    use, equipment = parts[1].upper(), parts[2].upper()
    whole = "".join(f"{prefix}{each}" for prefix, each in zip(("+", " ", " ", " x"), parts[4:8], strict=True) if each)
    value = parts[11] or whole.strip() or ("" if parts[3] and "@" in parts[0] else parts[0])
    system = EQUIPMENT.get(equipment, "email" if use == "NET" or "@" in value else "phone")
    found = []
    if parts[3]:
        found.append({"system": "email", "value": parts[3], "use": PHONE_USES.get(use, default_use)})
        system = "phone" if system == "email" else system
    if value:
        kind = "mobile" if equipment == "CP" else PHONE_USES.get(use, default_use)
        found.append({"system": system, "value": value, "use": kind})
    more = _of_the_point(parts, context) if any(parts[12:]) else {}
    return [{name: each for name, each in {**point, **more}.items() if each} for point in found]


def _of_the_point(parts: list[str], context: Context) -> Json:
    """Return since when a telephone number is valid, and its rank among others."""
    rank = int(parts[17]) if re.fullmatch(r"[1-9][0-9]{0,8}", parts[17], re.ASCII) else None
    return {"rank": rank, "period": period(parts[12], parts[13], context, "13")}


def place_text(raw: str, context: Context, _: str = "") -> Json | None:
    """Return an address of which only the text is known."""
    text = context.delimiters.text(raw.replace(context.delimiters.component, " "))
    return {"text": text} if text else None


def practitioner(raw: str, context: Context, _: str = "") -> Json | None:
    """XCN: a reference to a person; to a resource only if the number has an authority, which makes it unique."""
    parts = context.components(raw)
    parts += [""] * (21 - len(parts))
    number = context.delimiters.text(parts[0])
    name = _name([*parts[1:8], parts[20]], (1, 2), (3, 5, 7), (4,), context)
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


def place(raw: str, context: Context, _: str = "") -> Json | None:
    """PL: a reference to a place by its words; the levels have no identifier of their own."""
    text = context.delimiters.text
    parts = context.components(raw)
    shown = [text(each.split(context.delimiters.subcomponent)[0]) for each in parts]
    shown += [""] * (9 - len(shown))
    point, room, bed, facility, _status, _kind, building, floor, description = shown[:9]
    words = [each for each in (point, room, bed, floor, building, facility, description) if each]
    context.only(parts, _PL)
    return {"display": ", ".join(words)} if words else None


def encounter_location(raw: str, context: Context, status: str) -> Json | None:
    """Return a location of an encounter; the current one of a patient who is not there yet is planned."""
    found = place(raw, context)
    if status == "current":
        status = "planned" if context.patient_class == "P" else "active"
    return {"location": found, "status": status} if found else None


def discharged_to(raw: str, context: Context, _: str = "") -> Json | None:
    """DLD: where a patient was discharged to."""
    parts = context.texts(raw)
    context.only(parts, frozenset((1, 2)))
    parts += [""] * (6 - len(parts))
    made = codings([*parts[:1], "", "", *[""] * 14], context, "")
    shown = parts[0]
    return without_empty({"display": shown}) if made else None


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


def period(start: str, end: str, context: Context, part: str) -> Json | None:
    """Return a Period, of which one end may be missing."""
    found = {}
    if start and (value := context.date_time(start, part)):
        found["start"] = value
    if end and (value := context.date_time(end, str(int(part) + 1))):
        found["end"] = value
        if "start" in found and is_before(value, found["start"]):
            del found["end"]
            context.leave(Reason.OUT_OF_ORDER, str(int(part) + 1))
    return found or None


def without_empty(value: Json) -> Json | None:
    """Return *value* without empty parts; None if nothing is left."""
    made: Json | None = cleaned(value)
    return made

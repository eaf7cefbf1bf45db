"""Coded values: CWE and its predecessors, and codes of FHIR's required value sets."""

from adapters.fhir.bundle import Json
from adapters.fhir.context import Context
from adapters.fhir.report import Reason
from adapters.fhir.systems import TERMINOLOGY
from adapters.fhir.tables import Code

V2_0004 = f"{TERMINOLOGY}v2-0004"
ACT_CODE = f"{TERMINOLOGY}v3-ActCode"
CLASSES = {
    "I": ("IMP", "inpatient encounter"),
    "O": ("AMB", "ambulatory"),
    "E": ("EMER", "emergency"),
    "P": ("PRENC", "pre-admission"),
}
UNKNOWN_CLASS = {"system": f"{TERMINOLOGY}v3-NullFlavor", "code": "UNK", "display": "unknown"}
_OTHER_CLASSES = frozenset("RBCNU")
_CARRIED = frozenset((*range(1, 10), 14, 17))


def concept(raw: str, context: Context, table: str = "") -> Json | None:
    """Return a CodeableConcept. The code has a system only if that is known; the text is always kept."""
    parts = context.texts(raw)
    if len(parts) > 9:
        context.only(parts, _CARRIED)
    parts += [""] * (17 - len(parts))
    found = codings(parts, context, table)
    text = parts[8] or parts[1] or parts[4]
    if not text and not any("system" in each for each in found):
        text = parts[0] or parts[3]
    made: Json = {"coding": found} if found else {}
    if text:
        made["text"] = text
    return made or None


def described(made: Json | None, raw: str, description: str, context: Context) -> Json:
    """Return the concept of *raw* with a description from another field, which is its text unless it has one.

    The name of a code stays in its coding; a description that has no place beside another text is reported.
    """
    parts = context.texts(raw.split(context.delimiters.repetition, maxsplit=1)[0])
    if made is not None and description != made.get("text") and ("".join(parts[8:9]) or "coding" not in made):
        context.leave(Reason.REPEATED)
        return made
    return {**(made or {}), "text": description}


def codings(parts: list[str], context: Context, table: str) -> list[Json]:
    """Return the codings of a CWE: the counterpart first if there is one, then what was sent, then the alternative."""
    found: list[Json] = []
    if parts[0]:
        found += _coding(parts, 0, context, table)
    if parts[3]:
        found += _coding(parts, 3, context, table)
    return found


def _coding(parts: list[str], first: int, context: Context, table: str) -> list[Json]:
    """Return the codings of the code in the component with this index: of the first one, or of the alternative."""
    sent, display, name = parts[first : first + 3]
    version, oid = parts[6 + first // 3], parts[13 + first]
    code = " ".join(sent.split())
    known = counterpart(code, name, context, table)
    system = context.options.systems.named(name) if name else ""
    system = system or (context.options.systems.of_id(oid) if oid else "")
    if known is None:
        if name and not system:
            context.leave(Reason.NO_SYSTEM, str(first + 3))
        return [coding(code, system, display, version if system else "")]
    made = [coding(known.code, known.system, known.display or display)]
    # What was sent may say the same.
    if (code, system) != known[:2] and (name or not table or known is not context.codes(table).get(code)):
        made.append(coding(code, system, display, version if system else ""))
    return made


def coding(code: str, system: str = "", display: str = "", version: str = "") -> Json:
    """Return a Coding without empty parts."""
    parts = {"system": system, "version": version, "code": code, "display": display}
    return {name: value for name, value in parts.items() if value}


def counterpart(code: str, name: str, context: Context, table: str = "") -> Code | None:
    """Return what a code is in FHIR: by the maps of the settings, or by the table of its field."""
    maps = context.options.code_maps
    if maps:
        for sender in (context.sender[0], ""):
            if (found := maps.get((sender, name, code))) is not None:
                return found
    if table and _is_of_hl7(name, context):
        return context.codes(table).get(code)
    return None


def _is_of_hl7(name: str, context: Context) -> bool:
    """Whether a code may be one of the field's table in HL7: a code of another system may look the same."""
    return not name or name.upper() == "HL7" or context.options.systems.named(name).startswith(f"{TERMINOLOGY}v2-")


def code(raw: str, context: Context, table: str) -> str | None:
    """Return a code of a required value set; nothing if the table has no counterpart."""
    parts = context.texts(raw)
    parts += [""] * (3 - len(parts))
    if not parts[0]:
        return None
    found = counterpart(parts[0], parts[2], context, table)
    if found is None or found not in context.codes(table).values():
        found = context.codes(table).get(parts[0]) if _is_of_hl7(parts[2], context) else None
    if found is None:
        context.leave(Reason.NOT_IN_TABLE)
    return found.code if found else None


def one_coding(raw: str, context: Context, table: str = "") -> Json | None:
    """Return the first coding of a CWE."""
    made = concept(raw, context, table) or {}
    return next(iter(made.get("coding", ())), None)


def encounter_class(raw: str, context: Context, _: str = "") -> Json | None:
    """Return the class of an encounter, which is a Coding."""
    parts = context.texts(raw)
    parts += [""] * (3 - len(parts))
    sent = parts[0]
    if not sent:
        return None
    mapped = counterpart(sent, parts[2], context)
    if mapped is not None:
        return coding(mapped.code, mapped.system, mapped.display)
    if sent in CLASSES and _is_of_hl7(parts[2], context):
        return coding(CLASSES[sent][0], ACT_CODE, CLASSES[sent][1])
    return coding(
        " ".join(sent.split()), V2_0004 if sent in _OTHER_CLASSES and _is_of_hl7(parts[2], context) else "", parts[1]
    )


def language(raw: str, context: Context, table: str = "") -> Json | None:
    """Return one language that a patient speaks."""
    made = concept(raw, context, table)
    return {"language": made} if made else None


def code_extension(raw: str, context: Context, _: str = "") -> Json | None:
    """Return the value of an extension that holds a concept."""
    made = concept(raw, context)
    return {"valueCodeableConcept": made} if made else None

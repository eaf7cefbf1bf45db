"""Functions for values that only administrative segments have, such as those of an insurance or of a procedure."""

import re

from adapters.fhir import quantities
from adapters.fhir.actors import organization, practitioner
from adapters.fhir.bundle import Json
from adapters.fhir.codes import coding, counterpart
from adapters.fhir.context import Context
from adapters.fhir.report import Reason

AGENT_TYPES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
PRICE_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0205"
SNOMED = "http://snomed.info/sct"
COVERAGE_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"


def first(raw: str, context: Context, only: str = "") -> str | None:
    """Return the text of the first component; with *only* the others are reported, because no other row has them."""
    if only:
        context.only(context.components(raw), frozenset((1,)))
    return context.texts(raw)[0] or None


def number(raw: str, context: Context, _: str = "") -> Json | None:
    """Return an identifier of which only the value is known."""
    value = first(raw, context, "only")
    return {"value": value} if value else None


def beneficiary(raw: str, context: Context, table: str) -> Json | None:
    """Return what the patient is to the insured. HL7 says the reverse, so that the sender's own words are no text."""
    parts = context.texts(raw)
    parts += [""] * (3 - len(parts))
    if not parts[0]:
        return None
    known = counterpart(parts[0], parts[2], context, table)
    if known is None or known.system.rpartition("/")[2] != "subscriber-relationship":
        context.leave(Reason.NOT_IN_TABLE)
        return None
    return {"coding": [coding(known.code, known.system, known.display)]}


def performer(raw: str, context: Context, function: str) -> Json | None:
    """Return who has done a procedure, in this function (SNOMED CT)."""
    actor = practitioner(raw, context)
    if not actor:
        return None
    return {**({"function": {"coding": [coding(function, SNOMED)]}} if function else {}), "actor": actor}


def company(number: str, name: str, context: Context) -> Json | None:
    """Return a reference to an organization whose number, a CX, is in another field than its name, an XON."""
    parts, named = context.components(number), context.components(name)
    context.only(parts, frozenset((1, 4)))
    parts += [""] * (4 - len(parts))
    named += [""] * (10 - len(named))
    named[5], named[9] = named[5] or parts[3], named[9] or named[2] or parts[0]
    return organization(context.delimiters.component.join(named[:10]), context)


def coverage_class(code: str, value: str, name: str) -> Json | None:
    """Return the plan or the group of an insurance."""
    if not (value or name):
        return None
    kind = {"coding": [coding(code, COVERAGE_CLASS, code.capitalize())]}
    return {"type": kind, "value": value or name, **({"name": name} if name else {})}


def agent(raw: str, context: Context, kind: str) -> Json | None:
    """Return who has done something to a record, in this role."""
    who = practitioner(raw, context)
    return {"type": {"coding": [coding(kind, AGENT_TYPES)]}, "who": who} if who else None


def facility(raw: str, context: Context, _: str = "") -> Json | None:
    """Return a reference to a place of which only the name, an HD, is known."""
    parts = context.texts(raw)
    context.only(parts, frozenset((1,)) if parts[0] else frozenset((2, 3)))
    shown = parts[0] or "".join(parts[1:2])
    return {"display": shown} if shown else None


def cost(raw: str, context: Context, _: str = "") -> Json | None:
    """CP: return a cost to the insured, with its currency where that is a code of ISO 4217, which FHIR demands."""
    parts = context.components(raw)
    context.only(parts, frozenset((1, 2)))
    price = [context.delimiters.text(each) for each in parts[0].split(context.delimiters.subcomponent)]
    amount = quantities.number(price[0])
    if amount is None:
        context.leave(Reason.UNREADABLE, "1")
        return None
    value: Json = {"value": amount}
    if price[1:2] and re.fullmatch("[A-Z]{3}", price[1]):
        value["currency"] = price[1]
    kind = context.delimiters.text(parts[1]) if parts[1:] else ""
    found = {"type": {"coding": [coding(kind, PRICE_TYPES)]}} if kind else {}
    return {**found, "valueMoney": value}

"""FT1: a ChargeItem."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.fhir import quantities, rows
from adapters.fhir.bundle import Json, Resource
from adapters.fhir.codes import concept
from adapters.fhir.context import Context
from adapters.fhir.identity import number_key
from adapters.fhir.orders import first_text
from adapters.fhir.periods import period
from adapters.fhir.prescriptions import notes_of
from adapters.fhir.reading import NULL, Segment
from adapters.fhir.references import order_reference
from adapters.fhir.report import Reason
from adapters.fhir.subject import Subject

CHARGES = frozenset({"CG", ""})
"""FT1-6 (table 0017) of a charge. Payments, credits and adjustments are none."""
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)


def charge(
    ft1: Segment, rest: Sequence[Segment], procedures: Mapping[int, Resource], subject: Subject, context: Context
) -> Resource | None:
    """Return the charge of *ft1*; *rest* are the segments up to the next one. None if it is no charge."""
    context.at(ft1, 6)
    if first_text(ft1, 6, context) not in CHARGES:
        context.leave(Reason.NO_ELEMENT)
        return None
    made = context.bundle.new("ChargeItem", _key(ft1, subject, context))
    rows.apply("FT1-ChargeItem", ft1, made, context)
    subject.place(made, encounter="context")
    made.own("status", "billable")
    if subject.account is not None:
        made.own("account", [subject.account.reference])
    _set_code(made, ft1, context)
    _set_time(made, ft1, context)
    _set_amounts(made, ft1, context)
    _set_order(made, ft1, context)
    done = [procedures[each.occurrence] for each in rest if each.name == "PR1" and each.occurrence in procedures]
    if done:
        made.own("service", [each.reference for each in done])
    if notes := notes_of(rest, context):
        made.own("note", notes)
    return made


def _key(ft1: Segment, subject: Subject, context: Context) -> tuple[str, ...]:
    """Return the key: the number of the transaction, or else the message and the number of the segment in it."""
    context.at(ft1, 2)
    known = number_key(ft1.peek(2).split(context.delimiters.repetition)[0], context, subject.owner.key)
    if known is not None:
        return ("FT1-2", *known[0])
    context.leave(Reason.KEYED_BY_MESSAGE)
    return (*subject.owner.key, "message", *context.sender, context.control_id, "FT1", str(ft1.occurrence))


def _set_code(made: Resource, ft1: Segment, context: Context) -> None:
    """Set what is charged: FT1-7, or else the procedure, FT1-25; FT1-8 is the text of a code that has none."""
    first, second = ft1.peek(7), ft1.peek(25)
    context.at(ft1, 7)
    code: Json = (concept(ft1.get(7), context) if first != NULL else None) or {}
    if not code or second == first:
        context.at(ft1, 25)
        code = code or (concept(ft1.get(25), context) if second != NULL else None) or {}
        ft1.get(25)
    text = context.delimiters.text(ft1.peek(8))
    if text and code.get("text", first_text(ft1, 7, context)) == first_text(ft1, 7, context):
        ft1.get(8)
        code["text"] = text
    if code:
        made.own("code", code)
    else:
        made.body["code"] = {"text": "unknown"}  # R4: 1..1


def _set_time(made: Resource, ft1: Segment, context: Context) -> None:
    """Set when it was done: a day, or a period if it ended on another one."""
    context.at(ft1, 4)
    parts = [*context.components(ft1.get(4)), ""]
    found = period(parts[0], parts[1] if parts[1] != parts[0] else "", context, "1")
    if found is None:
        return
    if "end" in found:
        made.body["occurrencePeriod"] = found
    else:
        made.body["occurrenceDateTime"] = found["start"]
    made.owns.add("occurrence[x]")


def _set_amounts(made: Resource, ft1: Segment, context: Context) -> None:
    """Set quantity and price."""
    context.at(ft1, 10)
    text = context.delimiters.text(ft1.get(10))
    amount = quantities.quantity(text, {}) if text else None
    if text and amount is None:
        context.leave(Reason.UNREADABLE)
    if amount is not None:
        made.own("quantity", amount)
    if (price := _price(ft1, amount, context)) is not None:
        made.own("priceOverride", price)


def _price(ft1: Segment, amount: Json | None, context: Context) -> Json | None:
    """Return the price of all pieces: FT1-11, or what FT1-12, the price of one, makes of it."""
    if ft1.peek(11) not in {"", NULL}:
        context.at(ft1, 11)
        return money(ft1.get(11), context)
    if ft1.peek(12) in {"", NULL} or (amount and "comparator" in amount):
        return None
    context.at(ft1, 12)
    price = money(ft1.get(12), context)
    return price and {**price, "value": price["value"] * (amount["value"] if amount else 1)}


def money(raw: str, context: Context) -> Json | None:
    """CP: an amount of money; its currency only if it has the form of ISO 4217."""
    parts = context.components(raw)
    context.only(parts, frozenset({1}))
    value, _, currency = parts[0].partition(context.delimiters.subcomponent)
    text = context.delimiters.text(value)
    amount: Any = quantities.number(text) if text else None
    if amount is None:
        if text:
            context.leave(Reason.UNREADABLE)
        return None
    name = context.delimiters.text(currency)
    if name and not _CURRENCY.match(name):
        context.leave(Reason.NOT_IN_TABLE)
    return {"value": amount, **({"currency": name} if _CURRENCY.match(name) else {})}


def _set_order(made: Resource, ft1: Segment, context: Context) -> None:
    context.at(ft1, 23)
    if order := order_reference(ft1.get(23), context, "FILL"):
        made.own("supportingInformation", [order])

"""DFT and BAR: charges, and the accounts to which they belong."""

from itertools import takewhile

from adapters.fhir.bundle import Resource
from adapters.fhir.charges import charge
from adapters.fhir.context import Context
from adapters.fhir.procedures import procedures
from adapters.fhir.reading import Hl7Message, Segment
from adapters.fhir.report import Reason
from adapters.fhir.roles import roles
from adapters.fhir.rx import parts
from adapters.fhir.subject import Subject, subjects
from gateway.contract.outcome import Refused

CHARGE_EVENTS = ("P03", "P11", "")
OPENED, ENDED, CHANGED = "active", "inactive", ""
ACCOUNT_EVENTS = {"P01": OPENED, "P02": ENDED, "P05": CHANGED, "P06": ENDED, "P10": CHANGED, "P12": CHANGED}
"""The events of BAR, and the status that each sets: a purged account is not used any more, and nothing is deleted."""
OF_ACCOUNTS = frozenset({"Account", "Coverage", "RelatedPerson"})
"""What a BAR is about: RelatedPersons are those who pay."""
OTHERS = frozenset({"ORC", "OBR", "FT1"})
"""Segments after which an OBX is no longer about the visit, but about an order, which the message only mentions."""


def convert_dft(message: Hl7Message, context: Context) -> Refused | None:
    """Convert charges into the bundle of *context*. The message names the account, and does not change it."""
    found = subjects(message, context, has_account=True)
    if isinstance(found, Refused):
        return found
    for subject in found:
        done = _convert_care(subject, context)
        for ft1, rest in parts(subject.group.others, "FT1"):
            ft1.get(1)
            charge(ft1, rest, done, subject, context)
    return None


def convert_bar(message: Hl7Message, context: Context) -> Refused | None:
    """Convert accounts into the bundle of *context*."""
    found = subjects(message, context, OF_ACCOUNTS, has_account=True)
    if isinstance(found, Refused):
        return found
    for subject in found:
        _convert_care(subject, context)
        if subject.account is None:
            context.at(subject.group.pid, 18)
            context.leave(Reason.NO_KEY)
        else:
            _set_status(subject.account, message, context)
    return None


def _convert_care(subject: Subject, context: Context) -> dict[int, Resource]:
    """Convert procedures, who did them, and observations; return the procedures by the number of the segment."""
    others = subject.group.others
    done = procedures(subject.group.named("PR1"), subject.owner, subject.visit, context)
    roles(others, subject.owner, subject.visit, done, context)
    subject.observe(list(takewhile(lambda each: each.name not in OTHERS, others)), subject.key, context)
    return done


def _set_status(account: Resource, message: Hl7Message, context: Context) -> None:
    """Set the status by the event, and when the account ended."""
    status = ACCOUNT_EVENTS[context.event]
    if status:
        account.own("status", status)
    if status == ENDED:
        for evn in (each for each in message.segments if each.name == "EVN"):
            _end(account, evn, context)


def _end(account: Resource, evn: Segment, context: Context) -> None:
    for number in (6, 2):
        context.at(evn, number)
        if when := context.date_time(evn.get(number)):
            account.body["servicePeriod"] = {"end": when}
            account.owns.add("servicePeriod.end")
            return

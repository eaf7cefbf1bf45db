"""What the response to a Store transaction says about an instance (PS3.18 10.5.3 and I.2).

The own SOP Instance UID in FailedSOPSequence means failed, in ReferencedSOPSequence accepted. Failure comes first: a
store that says both has not stored it for certain. OtherFailuresSequence names no instance: it is a verdict where there
was only one in the request (``stow_batch`` has the rules for several).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.rest.dicom_json import (
    FAILED_SOP_SEQUENCE,
    FAILURE_REASON,
    OTHER_FAILURES_SEQUENCE,
    REFERENCED_SOP_INSTANCE_UID,
    REFERENCED_SOP_SEQUENCE,
    WARNING_REASON,
    items,
    uid,
    unsigned_short,
)
from adapters.rest.native_model import read_native_model
from adapters.rest.outcomes import dicom_outcome
from adapters.rest.reply import Reply, read_json
from gateway.message import Outcome, Refused, Stored, Unavailable

WARNINGS = {0xB000, 0xB006, 0xB007}  # coercion, elements discarded, data set does not match SOP class
DUPLICATES = {0x0111, 0xB00E}  # PS3.7 C.5.11; 45070 is Azure's "has already been stored"
BEING_STORED = 0xB00F  # 45071 is Azure's "is being created by another process"
PROCESSING_FAILURE = 0x0110  # says nothing about the cause, so it may be a duplicate
OWN_REASONS = {0x0110, 0x0117, 0x0122, 0x0124}
CANNOT_UNDERSTAND = "C000"
DUPLICATE = "0111"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The store lists the instance as stored."""

    warning: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The store lists the instance as not stored."""

    reason: int | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Only asking the store what it holds can tell."""

    absent: Outcome
    """When it does not hold the instance."""
    unknown: Outcome
    """When it does not say."""
    compare: bool = True
    """Whether holding an instance of this UID is not enough: it has to be the same one."""


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts in the body of one response."""

    named: Mapping[str | None, Accepted | Failed]
    """By SOP Instance UID."""
    nameless: Failed | None
    """A failure of an instance that the store does not name."""


def read_report(reply: Reply) -> Report:
    """Return the verdicts in *reply*, of which there may be none. Never raises."""
    value = _read(reply)
    named: dict[str | None, Accepted | Failed] = {}
    for item in items(value, FAILED_SOP_SEQUENCE):
        named.setdefault(uid(item, REFERENCED_SOP_INSTANCE_UID), Failed(unsigned_short(item, FAILURE_REASON)))
    for item in items(value, REFERENCED_SOP_SEQUENCE):
        named.setdefault(uid(item, REFERENCED_SOP_INSTANCE_UID), Accepted(unsigned_short(item, WARNING_REASON)))
    nameless = [Failed(unsigned_short(item, FAILURE_REASON)) for item in items(value, OTHER_FAILURES_SEQUENCE)]
    return Report(named, nameless[0] if nameless else None)


def find_verdict(reply: Reply, sop_instance_uid: str) -> Accepted | Failed | None:
    """Return what *reply* says about the only instance of its request; None when it says nothing."""
    report = read_report(reply)
    return report.named.get(sop_instance_uid, report.nameless)


def _read(reply: Reply) -> object:
    # Not by Content-Type: stores that answer in XML unasked also name it as they like.
    return read_native_model(reply.body) if reply.body.lstrip().startswith(b"<") else read_json(reply.body)


def stow_outcome(reply: Reply, verdict: Accepted | Failed | None) -> Outcome | Doubt:
    """Return what became of an instance, or what has to be found out first."""
    match verdict:
        case Accepted(warning) if 200 <= reply.status < 300:
            return Stored(code=f"{warning:04X}" if warning in WARNINGS else None)
        case Failed(reason):
            return _failed(reply, reason)
    return _not_mentioned(reply)


def _failed(reply: Reply, reason: int | None) -> Outcome | Doubt:
    out_of_resources = reason is not None and reason >> 8 == 0xA7
    if reason == BEING_STORED or out_of_resources:  # the failures that may pass
        code = f"{reason:04X}" if out_of_resources else None
        return Unavailable("the store has no room or time for the instance now", reply.retry_after, code)
    if reason in DUPLICATES:
        held = Unavailable("the store names a duplicate that could not be found", retry_after=reply.retry_after)
        return Doubt(absent=held, unknown=held)
    refused = _refused(reply, reason)
    if reply.status == 409 and reason in {None, PROCESSING_FAILURE}:
        return Doubt(absent=refused, unknown=refused)
    return refused


def _refused(reply: Reply, reason: int | None) -> Refused | Unavailable:
    if reason is not None and (reason in OWN_REASONS or reason >> 8 == 0xA9 or reason >> 12 == 0xC):
        return Refused("the store failed to store the instance", code=f"{reason:04X}")
    if reply.status >= 300:
        return dicom_outcome(reply)
    return Refused("the store failed to store the instance", code=CANNOT_UNDERSTAND)


def _not_mentioned(reply: Reply) -> Outcome | Doubt:
    if reply.status == 200:
        lost = Unavailable("the store answered 200 but does not hold the instance")
        return Doubt(absent=lost, unknown=Stored(), compare=False)
    if 200 < reply.status < 300 or reply.status == 409:
        reason = "the store did not say what became of the instance"
        return Doubt(absent=Unavailable(reason), unknown=Unavailable(reason, maybe_stored=True))
    return dicom_outcome(reply)

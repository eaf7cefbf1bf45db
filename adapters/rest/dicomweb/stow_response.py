"""What the response to a Store transaction says about an instance (PS3.18 10.5.3 and I.2).

**Stored needs evidence.** The instance's own SOP Instance UID in ReferencedSOPSequence means accepted. In
FailedSOPSequence, or beside a Failure Reason in either of the two, it means failed. Failure counts more: if a store
says both, it is not certain that it has stored the instance. A failure that names no instance of the request (no UID,
another UID, OtherFailuresSequence) counts for every instance that is not named as accepted.

A 200 that does not name the instance proves little: proxies and stores that failed send it, too. Then the store is
asked what it holds (QIDO-RS), and it has to hold exactly this instance (``conflict``): it may have had another one with
this UID before the request. If the store does not say what it holds, the success counts only if the operator knows that
this store answers so (``accept_empty``), and only if it is empty or a DICOM data set without a failure in it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from adapters.rest.dicomweb.dicom_json import (
    ERROR_COMMENT,
    FAILED_SOP_SEQUENCE,
    FAILURE_REASON,
    OTHER_FAILURES_SEQUENCE,
    REFERENCED_SOP_INSTANCE_UID,
    REFERENCED_SOP_SEQUENCE,
    WARNING_REASON,
    collect,
    uid,
    unsigned_short,
    values,
)
from adapters.rest.dicomweb.stow_body import is_data_set, is_empty, parts_of, read_body
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from adapters.rest.verdict.diagnoses import diagnose_reply, refused_instance, refused_message
from adapters.rest.verdict.outcomes import dicom_outcome
from adapters.rest.verdict.store_reason import failure_words, first_comment, said, words_of
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.records import record

DOUBTFUL = Outlook.DOUBTFUL
UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1
COERCED = 0xB000
WARNINGS = {COERCED, 0xB006, 0xB007}  # coercion, elements discarded, data set does not match SOP class
DUPLICATES = {0x0111, 0xB00E}  # PS3.7 C.5.11; 45070 is Azure's "has already been stored"
PASSING = {0x0213, 0xB00F}  # resource limitation; 45071 is Azure's "is being created by another process"
PROCESSING_FAILURE = 0x0110  # says nothing about the cause, so it may be a duplicate
OWN_REASONS = {0x0110, 0x0117, 0x0122, 0x0124}
CANNOT_UNDERSTAND = "C000"
DUPLICATE = "0111"
SILENT = "the store did not say what became of the instance"
UNCOMPARED = "the store holds this SOP Instance UID, and offers no QIDO-RS to compare"
LOST = "the store answered 200 but does not hold the instance"
NOT_FOUND = "the store reports a duplicate that could not be found"
UNREADABLE = "the store's success has no DICOMweb response"
UNCLEAR = Diagnosis(Cause.STORE_FAILED)
"""The store's answer does not say what became of the instance, or what it holds."""
IS_DUPLICATE = refused_message(code=DUPLICATE)


@record
class Accepted:
    """The store lists the instance as stored."""

    warning: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The store lists the instance as not stored."""

    reason: int | None = None
    comment: str = ""
    """The words of the store's Error Comment that may be repeated."""

    @property
    def words(self) -> str:
        """What the store said about the instance."""
        return failure_words(self.reason, self.comment)


@dataclass(frozen=True, slots=True)
class Doubt:
    """An outcome that depends on what the store holds, so that it has to be asked."""

    absent: Outcome
    """The outcome if the store does not hold the instance."""
    unknown: Outcome
    """The outcome if the store offers no query; if a query failed and this is no `Unavailable`, ask again later."""
    bare: bool = False
    """Whether it is a success without details, which counts as stored with `accept_empty` if no query can tell more."""


@record
class Report:
    """The verdicts in the body of one response."""

    named: Mapping[str, Accepted | Failed]
    """The verdicts by SOP Instance UID."""
    unattributed: Failed | None = None
    """A failure that names no instance of the request."""
    recognised: bool = False
    """Whether the body is one that a store's success may have: a DICOM data set, or empty."""

    @property
    def is_bare(self) -> bool:
        """Whether it could be a success that names no instance."""
        return self.recognised and not self.named and self.unattributed is None


def read_report(reply: Reply, requested: Collection[str]) -> Report:
    """Return the verdicts, if any, in *reply* to a request with the instances *requested*. Never raises."""
    parts = parts_of(reply)
    value = read_body(reply, parts)
    named: dict[str, Accepted | Failed] = {}
    unattributed: list[Failed] = []
    # If only one instance was sent, every Error Comment is about that one.
    found = collect(value, (FAILED_SOP_SEQUENCE, REFERENCED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE, ERROR_COMMENT))
    comment = first_comment(found[ERROR_COMMENT]) if len(requested) == 1 else None
    listed = found[REFERENCED_SOP_SEQUENCE]
    for item in (*found[FAILED_SOP_SEQUENCE], *filter(_has_failed, listed)):
        failed, name = _read_failure(item, comment), uid(item, REFERENCED_SOP_INSTANCE_UID)
        if name in requested:
            named.setdefault(str(name), failed)
        else:
            unattributed.append(failed)
    for item in listed:
        if (name := uid(item, REFERENCED_SOP_INSTANCE_UID)) is not None and not _has_failed(item):
            named.setdefault(name, Accepted(unsigned_short(item, WARNING_REASON)))
    unattributed += [_read_failure(item, comment) for item in found[OTHER_FAILURES_SEQUENCE]]
    return Report(named, unattributed[0] if unattributed else None, is_empty(reply) or is_data_set(parts, value))


def _has_failed(item: object) -> bool:
    """Whether an item of ReferencedSOPSequence has a Failure Reason, which belongs in FailedSOPSequence."""
    return bool(values(item, FAILURE_REASON)) and unsigned_short(item, FAILURE_REASON) != 0


def _read_failure(item: object, comment: str | None) -> Failed:
    own = first_comment(values(item, ERROR_COMMENT)) if comment is None else comment
    return Failed(unsigned_short(item, FAILURE_REASON), own)


def find_verdict(report: Report, sop_instance_uid: str) -> Accepted | Failed | None:
    """Return what *report* says about the only instance of its request; None if it says nothing.

    If it names exactly one other instance as stored, by a UID, that is this one: the store has changed its UID, a
    coercion.
    """
    verdict = report.named.get(sop_instance_uid, report.unattributed)
    if verdict is None and len(report.named) == 1:
        ((name, other),) = report.named.items()
        if isinstance(other, Accepted) and UID.fullmatch(name):
            return Accepted(other.warning or COERCED)
    return verdict


def stow_outcome(
    reply: Reply, report: Report, verdict: Accepted | Failed | None, answers: Answers = BY_DEFAULT
) -> Outcome | Doubt:
    """Return the outcome of an instance with *verdict* in *report*, or the Doubt that has to be resolved first."""
    match verdict:
        case Accepted(warning) if 200 <= reply.status < 300:
            return Stored(code=f"{warning:04X}" if warning in WARNINGS else None)
        case Accepted() if reply.status == 409:  # a contradiction
            return _unclear()
        case Failed() as failed:
            return _failed(reply, failed, answers)
    return _not_mentioned(reply, report, answers)


def _failed(reply: Reply, failed: Failed, answers: Answers) -> Outcome | Doubt:
    reason = failed.reason
    out_of_resources = reason is not None and reason >> 8 == 0xA7
    if reason is not None and (reason in PASSING or out_of_resources):
        code = f"{reason:04X}" if out_of_resources else None
        sentence = said(failed.words, "the store has no room or time for the instance now")
        outlook = answers.to_failure_reason(reason) or Outlook.TEMPORARY
        diagnosis = Diagnosis(Cause.STORE_FAILED, {"status": str(reply.status), "code": f"{reason:04X}"})
        return Unavailable(sentence, reply.retry_after, code, outlook=outlook, diagnosis=diagnosis)
    if reason in DUPLICATES:
        lost = Unavailable(NOT_FOUND, reply.retry_after, outlook=DOUBTFUL, diagnosis=UNCLEAR)
        unknown = Refused(said(failed.words, UNCOMPARED), code=DUPLICATE, diagnosis=IS_DUPLICATE)
        return Doubt(absent=lost, unknown=unknown)
    refused = _refused(reply, failed, answers)
    if reply.status == 409 and reason in {None, PROCESSING_FAILURE}:
        return Doubt(absent=refused, unknown=refused)
    return refused


def _refused(reply: Reply, failed: Failed, answers: Answers) -> Refused | Unavailable:
    reason, sentence = failed.reason, said(failed.words, "the store failed to store the instance")
    outlook = answers.to_failure_reason(reason)
    if reason is not None and (reason in OWN_REASONS or reason >> 8 == 0xA9 or reason >> 12 == 0xC):
        diagnosis = refused_instance(reason, reply.status)
        return Refused(sentence, code=f"{reason:04X}", outlook=outlook or Outlook.FINAL, diagnosis=diagnosis)
    if reply.status >= 300:
        outcome = dicom_outcome(reply, failed.words, answers)
        return replace(outcome, outlook=outlook or outcome.outlook)
    diagnosis = refused_instance(0xC000 if reason is None else reason, reply.status)
    return Refused(sentence, code=CANNOT_UNDERSTAND, outlook=outlook or Outlook.FINAL, diagnosis=diagnosis)


def _not_mentioned(reply: Reply, report: Report, answers: Answers) -> Outcome | Doubt:
    if reply.status == 200:
        diagnosis = UNCLEAR if report.recognised else diagnose_reply(reply)
        lost = Unavailable(LOST, outlook=DOUBTFUL, diagnosis=diagnosis)
        sentence = SILENT if report.recognised else said(words_of(reply), UNREADABLE)
        unread = Unavailable(sentence, maybe_stored=True, outlook=DOUBTFUL, diagnosis=diagnosis)
        return Doubt(lost, unread, bare=report.is_bare)
    if reply.status == 409:
        return Doubt(absent=_unsaid(), unknown=dicom_outcome(reply, answers=answers))
    return _unclear() if 200 < reply.status < 300 else dicom_outcome(reply, answers=answers)


def _unsaid() -> Unavailable:
    return Unavailable(SILENT, outlook=DOUBTFUL, diagnosis=UNCLEAR)


def _unclear() -> Doubt:
    absent = _unsaid()
    return Doubt(absent, replace(absent, maybe_stored=True))

"""What the response to a Store transaction with several instances says about each (PS3.18 10.5.3).

A verdict counts for the instance that it names, and for no other. What the store says about the request as a whole may
be caused by one instance, or by the number of instances; it does not count against the others. Two verdicts therefore
mean something else than they would if the instance had been alone in the request:

* A failure among successes comes with 202; for the instance alone the status would have been 409. It is read as if it
  had been 409: a store that gives no reason, or 0110, for an instance that it already holds does so in both cases.
* A refusal or a failure that does not name the instance says nothing about it, unless it is alone in a request.
"""

from dataclasses import replace

from adapters.rest.dicomweb.stow_response import Doubt, Failed, Report, stow_outcome
from adapters.rest.http.reply import Reply
from adapters.rest.verdict.answers import BY_DEFAULT, Answers
from gateway.contract.outcome import Outcome

REFUSES_THE_WHOLE = {400, 413, 415, 422}


def batch_outcome(
    reply: Reply, report: Report, sop_instance_uid: str, answers: Answers = BY_DEFAULT
) -> Outcome | Doubt | None:
    """Return the outcome of one instance; None if only a request with fewer instances can tell."""
    verdict = report.named.get(sop_instance_uid)
    success = 200 <= reply.status < 300
    unattributed = reply.status == 409 or (success and report.unattributed is not None)
    if reply.status in REFUSES_THE_WHOLE or (verdict is None and unattributed):
        return None
    as_if_alone = replace(reply, status=409) if success and isinstance(verdict, Failed) else reply
    return stow_outcome(as_if_alone, report, verdict, answers)

"""The responses to a Store transaction: any body is read, and none says more than it does."""

import json
import re

from adapters.rest.dicomweb.native_model import read_native_model
from adapters.rest.dicomweb.stow_batch import batch_outcome
from adapters.rest.dicomweb.stow_response import Accepted, Doubt, Failed, find_verdict, read_report, stow_outcome
from adapters.rest.http.reply import Reply
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from tests.fuzz.source import Source

STATUSES = (200, 202, 204, 301, 400, 401, 409, 413, 415, 422, 429, 500, 503)
CONTENT_TYPES = ("application/dicom+json", "application/dicom+xml", "text/html", "multipart/related; boundary=b")
UID = "1.2.3"
CODE = re.compile(r"[0-9A-F]{4}")


def target(data: bytes) -> None:
    """Read the octets as the body of a response."""
    source = Source(data)
    status = source.choice(STATUSES)
    reply = Reply(status, {"Content-Type": source.choice(CONTENT_TYPES)}, source.rest())
    read_native_model(reply.body)
    report = read_report(reply, {UID})
    verdict = find_verdict(report, UID)
    named = report.named.get(UID, report.unattributed)
    is_coerced = named is None and len(report.named) == 1 and isinstance(verdict, Accepted) and bool(verdict.warning)
    assert verdict == named or is_coerced
    assert not report.is_bare or verdict is None
    _check(stow_outcome(reply, report, verdict), status)
    _check(batch_outcome(reply, report, UID), status)
    _check_round_trip(verdict)


def _check(outcome: Outcome | Doubt | None, status: int) -> None:
    match outcome:
        case Stored(reply, code):
            assert 200 <= status < 300
            assert reply is None
            assert code is None or CODE.fullmatch(code)
        case Refused(code=code) | Unavailable(code=code):
            assert code is None or CODE.fullmatch(code)
        case Doubt(absent, unknown, bare=bare):
            assert not isinstance(absent, Stored)
            assert not isinstance(unknown, Stored)
            assert not bare or status == 200
            _check(unknown, status)


def _check_round_trip(verdict: Accepted | Failed | None) -> None:
    """Write *verdict* as a store does and read it again."""
    if verdict is None:
        return
    is_accepted = isinstance(verdict, Accepted)
    reason = verdict.warning if isinstance(verdict, Accepted) else verdict.reason
    item: dict[str, object] = {"00081155": {"vr": "UI", "Value": [UID]}}
    if reason is not None:
        item["00081196" if is_accepted else "00081197"] = {"vr": "US", "Value": [reason]}
    body = {"00081199" if is_accepted else "00081198": {"vr": "SQ", "Value": [item]}}
    assert verdict == find_verdict(read_report(Reply(200, {}, json.dumps(body).encode()), {UID}), UID)

"""Reads what an answer says about a message: MSA-1, and MSA-2 in the form in which control IDs are compared.

Answers differ more than messages: lines that end with LF, codes in lower case, other delimiters, no last CR, any
message type that has an ``MSA``. An ``MSA`` in the text of another segment is none.
"""

from adapters.hl7.acknowledgement import msa_segments
from adapters.hl7.control_id import plain
from adapters.hl7.er7 import lead
from gateway.contract.records import record

POSITIVE = frozenset({"AA", "CA"})
CODES = POSITIVE | {"AE", "AR", "CE", "CR"}
LONGEST_ID = 4096
"""Most octets of MSA-2: no control ID is so long, and to compare more would take time."""
_HEADERS = (b"MSH", b"BHS", b"FHS")
_CODES = {code.encode(): code for code in CODES}


@record
class Verdict:
    """What one answer says."""

    code: str
    """``MSA-1``, one of CODES."""
    named: bytes
    """``MSA-2`` as :func:`adapters.hl7.control_id.plain` returns it; empty if the answer names no message."""

    @property
    def is_positive(self) -> bool:
        """Whether the message was accepted."""
        return self.code in POSITIVE

    @property
    def is_commit(self) -> bool:
        """Whether it is a commit acknowledgement of enhanced mode, which an application one may follow."""
        return self.code[0] == "C"


def read_verdict(answer: bytes) -> Verdict | None:
    """Return what *answer* says; None if it is no answer, answers several messages, or has an unknown code."""
    return _read_ordinary(answer) or read_any(answer)


def _read_ordinary(answer: bytes) -> Verdict | None:
    """Return what *answer* says if it is written as nearly all are: what :func:`read_any` finds, in a few calls."""
    at = answer.find(b"\rMSA|")
    end = answer.find(b"\r", at + 1)
    if at < 0 or end < 0 or not answer.startswith(b"MSH|") or b"\n" in answer or answer.count(b"MSA") > 1:
        return None
    fields = answer[at + 1 : end].split(b"|", 3)
    code = _CODES.get(fields[1])
    if code is None or len(fields) < 3 or len(fields[2]) > LONGEST_ID:
        return None
    return Verdict(code, plain(fields[2], answer[:8]))


def read_any(answer: bytes) -> Verdict | None:
    """Do what :func:`read_verdict` promises for any answer."""
    start = lead(answer)
    if not answer.startswith(_HEADERS, start):
        return None
    found = msa_segments(answer, 2)
    if len(found) != 1:
        return None
    _, code, named = [*found[0], b"", b""][:3]
    if len(named) > LONGEST_ID:
        return None
    msa_1 = code.strip().upper().decode("latin-1")
    return Verdict(msa_1, plain(named, answer[start : start + 8])) if msa_1 in CODES else None

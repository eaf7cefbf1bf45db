"""What an answer says about a message."""

import pytest

from adapters.hl7.verdict import Verdict, read_verdict

ANSWERS = {
    "accepted": (b"MSH|^~\\&|\rMSA|AA|C1\r", Verdict("AA", b"C1")),
    "lower case": (b"MSH|^~\\&|\rMSA|ae|C1\r", Verdict("AE", b"C1")),
    "escaped": (b"MSH|^~\\&|\rMSA|CA|C\\T\\1\r", Verdict("CA", b"C&1")),
    "no MSA-2": (b"MSH|^~\\&|\rMSA|AA\r", Verdict("AA", b"")),
    "unknown code": (b"MSH|^~\\&|\rMSA|OK|C1\r", None),
    "an MSA in a note": (b"MSH|^~\\&|\rNTE|1||MSA|AA|C1\r", None),
    "an MSA behind a line feed in a note": (b"MSH|^~\\&|\rNTE|1||\nMSA|AA|C1\r", None),
    "two": (b"BHS|^~\\&|\rMSH|\rMSA|AA|C1\rMSH|\rMSA|AA|C2\r", None),
    "no header": (b"MSA|AA|C1\r", None),
    "nothing": (b"", None),
    "half a header": (b"MSH", None),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_read(answer: bytes, expected: Verdict | None) -> None:
    """One MSA with a known code is read; anything else is no verdict."""
    assert expected == read_verdict(answer)


def test_sorts() -> None:
    """Commit and application, positive and negative answers differ."""
    assert (True, True) == (Verdict("CA", b"").is_positive, Verdict("CA", b"").is_commit)
    assert (False, False) == (Verdict("AE", b"").is_positive, Verdict("AE", b"").is_commit)

"""The one table from outcome to status."""

import pytest

from adapters.dimse.protocol.statuses import Verdict, verdict_on
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable

TABLE: dict[str, tuple[Outcome, Verdict]] = {
    "stored": (Stored(), Verdict("0000")),
    "stored, elements coerced": (Stored(code="B000"), Verdict("B000")),
    "stored, elements discarded": (Stored(code="B006"), Verdict("B006")),
    "stored, not matching its class": (Stored(code="B007"), Verdict("B007")),
    "stored with a code that is no warning": (Stored(code="A700"), Verdict("0000")),
    "refused": (Refused("no"), Verdict("C000", "no")),
    "refused, kind not taken": (Refused("no", unsupported=True), Verdict("0122", "no")),
    "refused: unavailable": (Refused("no", code="A7FF"), Verdict("A7FF", "no")),
    "refused: not matching": (Refused("no", code="a900"), Verdict("A900", "no")),
    "refused: not understood": (Refused("no", code="C122", unsupported=True), Verdict("C122", "no")),
    "refused: processing failure": (Refused("no", code="0110"), Verdict("0110", "no")),
    "refused: a different one is there": (Refused("no", code="0111"), Verdict("0111", "no")),
    "refused: no such instance": (Refused("no", code="0117"), Verdict("0117", "no")),
    "refused: not authorized": (Refused("no", code="0124"), Verdict("0124", "no")),
    "refused with a code of another service": (Refused("no", code="FE00"), Verdict("C000", "no")),
    "refused with a success": (Refused("no", code="0000"), Verdict("C000", "no")),
    "refused with no code at all": (Refused("no", code="CXYZ"), Verdict("C000", "no")),
    "refused with an HL7 code": (Refused("no", code="207"), Verdict("C000", "no")),
    "unavailable": (Unavailable("later", retry_after=5), Verdict("A700", "later")),
    "unavailable, as the store says": (Unavailable("later", code="A701"), Verdict("A701", "later")),
    "unavailable with a success": (Unavailable("later", code="0000"), Verdict("A700", "later")),
    "unavailable, perhaps stored": (Unavailable("later", maybe_stored=True), Verdict("A700", "later")),
}


@pytest.mark.parametrize(("outcome", "verdict"), TABLE.values(), ids=TABLE)
def test_verdict(outcome: Outcome, verdict: Verdict) -> None:
    """Only a stored instance gets a success status."""
    assert verdict == verdict_on(outcome)
    assert isinstance(outcome, Stored) == (verdict.status in ("0000", "B000", "B006", "B007"))

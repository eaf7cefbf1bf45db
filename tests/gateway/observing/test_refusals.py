"""Which sorts of messages are refused."""

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Refused
from gateway.observing.refusals import MOST, Refusals

WHY = Diagnosis(Cause.MESSAGE_REFUSED)


def test_counts() -> None:
    """Refusals are counted by sort and code; one without a code has a dash."""
    refusals = Refusals()
    assert not refusals
    for code, at in (("C122", 1.0), ("C122", 3.0), (None, 2.0)):
        refusals.refused("1.2", Refused("no", code=code), WHY, at)
    assert refusals.counts() == {"1.2/C122": 2, "1.2/-": 1}
    first = next(each for each in refusals.seen() if each["code"] == "C122")
    assert (first["first"], first["last"]) == (1.0, 3.0)
    refusals.taken("1.2")
    assert not refusals


def test_bounded() -> None:
    """However many sorts a sender invents, few are remembered."""
    refusals = Refusals()
    for number in range(MOST + 5):
        refusals.refused(f"1.{number}", Refused("no"), WHY, 0.0)
    assert len(refusals.counts()) == MOST
    assert "1.0/-" not in refusals.counts()


def test_copies() -> None:
    """What was handed out does not change afterwards."""
    refusals = Refusals()
    refusals.refused("1.2", Refused("no"), WHY, 0.0)
    (seen,) = refusals.seen()
    refusals.refused("1.2", Refused("no"), WHY, 0.0)
    assert seen["count"] == 1

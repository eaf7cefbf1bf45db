"""A form that is sent twice does nothing twice."""

from gateway.admin.spool_acts import Done
from gateway.screen.spool.remembering import MOST, Remembered


def test_once() -> None:
    """An act begins once; its result is kept."""
    remembered = Remembered()
    act = remembered.new()
    assert act != remembered.new()
    assert (True, False) == (remembered.begin(act), remembered.begin(act))
    assert remembered.result(act) is None
    remembered.done(act, Done(3))
    assert (Done(3), False) == (remembered.result(act), remembered.begin(act))


def test_failure() -> None:
    """An act that has failed may be tried again."""
    remembered = Remembered()
    remembered.begin("a")
    remembered.failed("a")
    assert remembered.begin("a")


def test_bounded() -> None:
    """The oldest acts are forgotten."""
    remembered = Remembered()
    for number in range(MOST + 1):
        remembered.begin(str(number))
        remembered.done(str(number), Done(number))
    assert (None, Done(MOST)) == (remembered.result("0"), remembered.result(str(MOST)))

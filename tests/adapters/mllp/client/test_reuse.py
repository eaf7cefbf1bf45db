"""Whether a receiver keeps connections."""

from collections.abc import Callable

import pytest

from adapters.mllp.client.reuse import SIGNS, Reuse


def after_closes(reuse: Reuse) -> None:
    """Let the receiver close right behind an answer until that is a sign."""
    for _ in range(SIGNS):
        reuse.closed(is_sign=True)


def after_repeats(reuse: Reuse) -> None:
    """Let the receiver repeat old answers until that is a sign."""
    for _ in range(SIGNS):
        reuse.repeated()


def after_other_ends(reuse: Reuse) -> None:
    """Let connections end otherwise."""
    for _ in range(SIGNS):
        reuse.closed(is_sign=False)


def after_closes_not_in_a_row(reuse: Reuse) -> None:
    """Let a connection carry a second message between two closes."""
    for _ in range(SIGNS):
        reuse.closed(is_sign=True)
        reuse.answered_again()


AUTO: dict[Callable[[Reuse], None], bool] = {
    lambda _: None: False,
    after_closes: True,
    after_repeats: True,
    after_other_ends: False,
    after_closes_not_in_a_row: False,
}
"""What happens, and whether each message has its own connection after it."""


@pytest.mark.parametrize(("happens", "expected"), AUTO.items())
def test_auto(happens: Callable[[Reuse], None], expected: bool) -> None:
    """With `auto` the receiver shows whether it keeps connections."""
    reuse = Reuse("auto")
    happens(reuse)
    assert expected is reuse.keeps_none


@pytest.mark.parametrize("happens", [after_closes, after_repeats])
def test_back(happens: Callable[[Reuse], None]) -> None:
    """An answer to a further message shows that closes were no sign; repeated answers stay one."""
    reuse = Reuse("auto")
    happens(reuse)
    reuse.answered_again()
    assert (happens is after_repeats) is reuse.keeps_none


@pytest.mark.parametrize("happens", AUTO)
def test_configured(happens: Callable[[Reuse], None]) -> None:
    """With `always` and `never` the configuration decides."""
    always, never = Reuse("always"), Reuse("never")
    happens(always)
    happens(never)
    assert (False, True) == (always.keeps_none, never.keeps_none)

"""Whether what was seen still lasts."""

import pytest

from gateway.causes.lasting import LONGEST_HOLD_SECONDS, heard_of, lasts, notice_lasts
from tests.gateway.causes.observations import NOW, notice, peer


@pytest.mark.parametrize(
    ("first", "last", "count", "is_shown"),
    [
        (10, 10, 1, True),
        (44, 44, 1, True),
        (46, 46, 1, False),
        (600, 46, 2, False),
        (600, 46, 3, True),  # it comes every 277 s: it is shown over its gaps
        (1800, 1300, 3, False),
        (20_000, 1790, 3, True),
        (20_000, LONGEST_HOLD_SECONDS + 1, 3, False),
    ],
)
def test_lasts(first: float, last: float, count: int, is_shown: bool) -> None:
    """What was seen once is shown for 45 s; what comes again and again over its gaps, half an hour at most."""
    assert lasts(NOW - first, NOW - last, count, NOW) is is_shown


@pytest.mark.parametrize(
    ("cause", "last_message", "is_shown"),
    [
        ("called_ae_title", NOW - 5, False),
        ("called_ae_title", NOW - 15, True),
        ("called_ae_title", None, True),
        ("peer_gave_up", NOW - 5, True),
        ("contexts_refused", NOW - 5, True),
    ],
)
def test_getting_in_ends_it(cause: str, last_message: float | None, is_shown: bool) -> None:
    """A message of the peer ends what kept it out, and nothing else."""
    seen = peer("MR3", "modalities", last_message=last_message)
    assert notice_lasts(notice(cause, 10), seen, heard_of([seen]), NOW) is is_shown


def test_address_gets_in() -> None:
    """A peer that was turned away is known by its address only; it gets in under its name."""
    stranger = peer("10.31.4.17", "modalities", last_message=None)
    known = peer("CT1", "modalities", last_message=NOW - 5)
    heard = heard_of([stranger, known])
    assert not notice_lasts(notice("peer_certificate", 10), stranger, heard, NOW)
    assert notice_lasts(notice("peer_certificate", 10), peer("10.31.4.18", "modalities"), heard, NOW)


def test_of_another_listener() -> None:
    """What a peer sends to another listener says nothing of this one."""
    heard = heard_of([peer("MR3", "other", last_message=NOW)])
    assert notice_lasts(notice("framing", 10), peer("MR3", "modalities"), heard, NOW)

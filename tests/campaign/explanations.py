"""Why a store has something twice. What none of these explains is a fault."""

from collections.abc import Mapping, Sequence

from tests.campaign.history import STORED, Arrival, Death
from tests.campaign.promises import SETTLE_SECONDS, STORE_PATIENCE, Promise
from tests.campaign.story import Thread

UNSETTLED = "unsettled at a kill"
TOO_LATE = "the store answered too late"
SENT_AGAIN = "sent again to a relaying listener"
OTHER_QUEUE = "sent again after a death, to another worker's queue"


def explain(
    before: Arrival,
    after: Arrival,
    thread: Thread,
    deaths: Sequence[Death],
    promises: Mapping[str, Promise],
    *,
    only_undisturbed: bool,
) -> str | None:
    """Return why *after* followed *before* with the same content, or None where nothing explains it."""
    if before.told != STORED:
        return f"the store's answer was lost ({before.told})"
    told_at = before.told_at or before.at
    if told_at - before.at > STORE_PATIENCE * 0.9:
        return TOO_LATE
    if any(before.at <= death.at <= min(after.at, told_at + SETTLE_SECONDS) for death in deaths):
        return UNSETTLED
    return _sent_again(after, thread, deaths, promises, only_undisturbed=only_undisturbed)


def _sent_again(
    after: Arrival,
    thread: Thread,
    deaths: Sequence[Death],
    promises: Mapping[str, Promise],
    *,
    only_undisturbed: bool,
) -> str | None:
    tries = [
        send
        for message in thread.messages
        for send in message.tries
        if send.digest == after.digest and send.at <= after.at
    ]
    if len(tries) < 2:
        return None
    if any(not promises[send.entrance].commit for send in tries[1:]):
        return SENT_AGAIN
    died = any(tries[0].at <= death.at <= tries[-1].at for death in deaths)
    return OTHER_QUEUE if died and only_undisturbed else None

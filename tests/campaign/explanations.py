"""Why a store has something twice. What none of these explains is a fault."""

from tests.campaign.bounds import Bounds
from tests.campaign.history import STORED, Arrival
from tests.campaign.promises import SETTLE_SECONDS, STORE_PATIENCE, WIRE_SECONDS
from tests.campaign.story import Thread

UNSETTLED = "unsettled at a kill"
TOO_LATE = "the store answered too late"
SENT_AGAIN = "sent again to a relaying listener"


def explain(before: Arrival, after: Arrival, thread: Thread, bounds: Bounds) -> str | None:
    """Return why *after* followed *before* with the same content, or None where nothing explains it."""
    if before.told != STORED:
        return f"the store's answer was lost ({before.told})"
    told_at = before.told_at or before.at
    if told_at - before.at > STORE_PATIENCE * 0.9:
        return TOO_LATE
    if bounds.died_between(before.at - WIRE_SECONDS, min(after.at, told_at + SETTLE_SECONDS)):
        return UNSETTLED
    return _sent_again(after, thread, bounds)


def _sent_again(after: Arrival, thread: Thread, bounds: Bounds) -> str | None:
    messages = [message for message in thread.messages if message.first.digest == after.digest]
    times = sorted(send.at for message in messages for send in message.tries if send.at <= after.at)
    if len(times) < 2:
        return None
    return SENT_AGAIN if any(bounds.is_relayed(message) for message in messages) else None

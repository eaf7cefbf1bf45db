"""Finds what came after something newer, and what a store has in the end."""

from collections.abc import Iterator, Sequence

from tests.campaign.bounds import Bounds
from tests.campaign.faults import Fault, Finding
from tests.campaign.history import Arrival
from tests.campaign.story import Thread

Judged = tuple[Finding, bool]
"""A finding, and whether it lies beyond the promise."""


def find_older_contents(thread: Thread, bounds: Bounds) -> Iterator[Judged]:
    """Find each content that came after a newer one under the same name."""
    runs, place = thread.runs(), 0
    for arrival in thread.changes():
        later = [at for at, run in enumerate(runs) if at >= place and run[0].first.digest == arrival.digest]
        if later:
            place = later[0]
        elif older := [run for run in runs[:place] if run[0].first.digest == arrival.digest]:
            text = f"{thread.store}: an older content of {thread.name} came after a newer one"
            excused = bounds.excuse_order(older[-1][0].first.at, arrival.at, older[-1])
            yield Finding(Fault.ORDER, text, thread.tell()), excused


def find_stale_end(thread: Thread, bounds: Bounds) -> Iterator[Judged]:
    """Find a last content that is not the last one acknowledged."""
    runs = thread.runs()
    last = max((at for at, run in enumerate(runs) if any(each.acknowledged for each in run)), default=None)
    if last is None or not thread.arrivals:
        return
    end = thread.arrivals[-1]
    if thread.is_deleted:
        yield Finding(Fault.STALE, f"{thread.store} has deleted {thread.name}", thread.tell()), False
    elif end.digest not in {run[0].first.digest for run in runs[last:]}:
        text = f"{thread.store} ends with another content of {thread.name} than the last acknowledged"
        late = [message for run in runs[:last] for message in run if message.first.digest == end.digest]
        begin = late[-1].first.at if late else end.at
        yield Finding(Fault.STALE, text, thread.tell()), bounds.excuse_order(begin, end.at, late)


def find_disorder(
    lane: tuple[str, str, str], arrivals: Sequence[tuple[Arrival, Thread]], bounds: Bounds
) -> Iterator[Judged]:
    """Find each message that came after one that was sent later with the same key."""
    newest: Thread | None = None
    for arrival, thread in arrivals:
        message = thread.messages[0]
        if newest is not None and message.first.number < newest.messages[0].first.number:
            text = f"{lane[0]}: {arrival.name} came after {newest.name}, which was sent later (key {lane[2]})"
            story = [*thread.tell(), "—", *newest.tell()]
            excused = bounds.excuse_order(message.first.at, arrival.at, [message])
            yield Finding(Fault.ORDER, text, story), excused
        else:
            newest = thread

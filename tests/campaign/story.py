"""The history put in order for the judge: messages with their tries, and for each store what it should get and got."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.campaign.history import GONE, Arrival, History, Rebuff, Send
from tests.campaign.promises import Promise


@dataclass(slots=True)
class Message:
    """What a sender wanted to hand over, with its tries."""

    tries: list[Send]

    @property
    def first(self) -> Send:
        """The first try, for what all have in common."""
        return self.tries[0]

    @property
    def acknowledged(self) -> Send | None:
        """The try that was answered positively."""
        return self.tries[-1] if self.tries[-1].positive else None


@dataclass(slots=True)
class Thread:
    """Everything that concerns one name at one store, in the order in which it happened."""

    store: str
    name: str
    messages: list[Message] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    deletions: list[Arrival] = field(default_factory=list)
    elsewhere: list[Message] = field(default_factory=list)
    """What was sent under this name for other stores only."""

    rebuffs: list[Rebuff] = field(default_factory=list)
    """When the store was offered something under this name and did not keep it."""

    @property
    def is_deleted(self) -> bool:
        """Whether the store has deleted it and got nothing since."""
        last = self.arrivals[-1].at if self.arrivals else 0.0
        return any(each.at > last for each in self.deletions)

    def runs(self) -> list[list[Message]]:
        """Return the messages, those together that follow each other with the same content."""
        runs: list[list[Message]] = []
        for message in self.messages:
            if runs and runs[-1][0].first.digest == message.first.digest:
                runs[-1].append(message)
            else:
                runs.append([message])
        return runs

    def changes(self) -> list[Arrival]:
        """Return the arrivals without those that only repeat the content before."""
        return [
            arrival
            for place, arrival in enumerate(self.arrivals)
            if place == 0 or self.arrivals[place - 1].digest != arrival.digest
        ]

    def tell(self) -> list[str]:
        """Return what happened, for somebody who looks for the cause."""
        lines = [
            (send.at, f"{send.sender} #{send.number} sent {send.digest} to {send.entrance}; {_end(send)}")
            for message in (*self.messages, *self.elsewhere)
            for send in message.tries
        ]
        lines += [
            (each.at, f"{each.store} kept {each.digest}; told {each.told!r} at {_time(each.told_at)}")
            for each in self.arrivals
        ]
        lines += [
            (each.at, f"{each.store} deleted it; told {each.told!r} at {_time(each.told_at)}")
            for each in self.deletions
        ]
        lines += [(each.at, f"{each.store} did not keep it: {each.mood}") for each in self.rebuffs]
        return [f"{at:.3f} {line}" for at, line in sorted(lines)]

    def last_rebuff(self, since: float) -> str:
        """Return how the store turned it away last."""
        rebuffs = [each.mood for each in self.rebuffs if each.at >= since]
        return f"the store's last answer to it: {rebuffs[-1]}" if rebuffs else "never offered to the store"


def _end(send: Send) -> str:
    return f"{send.answer or 'no answer'}{' (positive)' if send.positive else ''} at {_time(send.answered_at)}"


def _time(at: float | None) -> str:
    return "no time" if at is None else f"{at:.3f}"


def messages_of(history: History) -> list[Message]:
    """Return all messages in the order in which they were first sent."""
    found: dict[tuple[str, int], Message] = {}
    for send in history.sends:
        found.setdefault((send.sender, send.number), Message([])).tries.append(send)
    return list(found.values())


def threads_of(
    messages: Iterable[Message], history: History, promises: Mapping[str, Promise]
) -> dict[tuple[str, str], Thread]:
    """Return the threads by store and name."""
    threads: dict[tuple[str, str], Thread] = {}
    by_name: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_name[message.first.name].append(message)
        for store in promises[message.first.entrance].stores:
            place = store, message.first.name
            threads.setdefault(place, Thread(*place)).messages.append(message)
    for arrival in history.arrivals:
        place = arrival.store, arrival.name
        thread = threads.setdefault(place, Thread(*place))
        (thread.deletions if arrival.digest == GONE else thread.arrivals).append(arrival)
    for rebuff in history.rebuffs:
        for name in rebuff.names:
            threads.setdefault((rebuff.store, name), Thread(rebuff.store, name)).rebuffs.append(rebuff)
    for thread in threads.values():
        own = {id(message) for message in thread.messages}
        thread.elsewhere = [message for message in by_name[thread.name] if id(message) not in own]
    return threads


def lanes_of(
    threads: Iterable[Thread], promises: Mapping[str, Promise]
) -> dict[tuple[str, str, str], list[tuple[Arrival, Thread]]]:
    """Return by store, entrance and key the arrivals whose order is promised, each with its thread."""
    lanes: dict[tuple[str, str, str], list[tuple[Arrival, Thread]]] = defaultdict(list)
    for thread in threads:
        if thread.messages and promises[thread.messages[0].first.entrance].ordered:
            first = thread.messages[0].first  # a control ID is used once
            lanes[thread.store, first.entrance, first.key] += [(arrival, thread) for arrival in thread.arrivals]
    for lane in lanes.values():
        lane.sort(key=lambda pair: pair[0].at)
    return lanes

"""Compares what was promised with what happened, and names every difference. Knows nothing of how the campaign ran.

``promises`` says where a promise ends.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.campaign.bounds import Bounds
from tests.campaign.explanations import explain
from tests.campaign.faults import Fault, Finding
from tests.campaign.history import History
from tests.campaign.order import Judged, find_disorder, find_older_contents, find_stale_end
from tests.campaign.promises import PROMISES, Promise
from tests.campaign.story import Message, Thread, lanes_of, messages_of, threads_of


@dataclass(slots=True)
class Verdict:
    """What the judge says."""

    findings: list[Finding] = field(default_factory=list)
    beyond: list[Finding] = field(default_factory=list)
    """What would be a fault, were it promised."""
    duplicates: Counter[str] = field(default_factory=Counter)
    """By their explanation."""

    def file(self, judged: Iterable[Judged]) -> None:
        """Put each finding where it belongs."""
        for finding, is_beyond in judged:
            (self.beyond if is_beyond else self.findings).append(finding)


def judge(
    history: History, workers: int, *, strict: bool = False, promises: Mapping[str, Promise] = PROMISES
) -> Verdict:
    """Return everything that is wrong with *history*."""
    verdict = Verdict()
    bounds = Bounds(promises, history.deaths, workers > 1 and not strict)
    messages = messages_of(history)
    threads = threads_of(messages, history, promises)
    for thread in threads.values():
        verdict.findings += _missing(thread)
        verdict.findings += _foreign(thread)
        verdict.file(find_older_contents(thread, bounds))
        verdict.file(find_stale_end(thread, bounds))
        _judge_duplicates(verdict, thread, bounds)
    for lane, arrivals in lanes_of(threads.values(), promises).items():
        verdict.file(find_disorder(lane, arrivals, bounds))
    verdict.findings += _untrue(messages, threads, bounds)
    verdict.findings += _at_the_end(history, messages)
    return verdict


def _missing(thread: Thread) -> Iterator[Finding]:
    """Find the acknowledged contents that have not come since they were first sent."""
    for run in thread.runs():
        first = run[0].first
        came = any(each.digest == first.digest and each.at >= first.at for each in thread.arrivals)
        if not came and any(message.acknowledged for message in run):
            text = f"{thread.name} ({first.digest}) is not in {thread.store}; {thread.last_rebuff(first.at)}"
            yield Finding(Fault.MISSING, text, thread.tell())


def _foreign(thread: Thread) -> Iterator[Finding]:
    sent = {message.first.digest for message in thread.messages}
    for arrival in thread.arrivals:
        if arrival.digest not in sent:
            text = f"{thread.store} got {arrival.digest} under the name {thread.name or 'none'}"
            yield Finding(Fault.FOREIGN, text, thread.tell())


def _judge_duplicates(verdict: Verdict, thread: Thread, bounds: Bounds) -> None:
    for before, after in zip(thread.arrivals, thread.arrivals[1:], strict=False):
        if before.digest != after.digest:
            continue
        if reason := explain(before, after, thread, bounds):
            verdict.duplicates[reason] += 1
        else:
            text = f"{thread.store} got {thread.name} again, {after.at - before.at:.3f} s later"
            verdict.findings.append(Finding(Fault.DUPLICATE, text, thread.tell()))


def _untrue(
    messages: Iterable[Message], threads: Mapping[tuple[str, str], Thread], bounds: Bounds
) -> Iterator[Finding]:
    """Find the relayed messages that the store did not have when their sender was told so."""
    for message in filter(bounds.is_relayed, messages):
        answered = message.acknowledged
        if answered is None or answered.answered_at is None:
            continue
        for store in bounds.promises[message.first.entrance].stores:
            thread = threads[store, message.first.name]
            kept = [each.at for each in thread.arrivals if each.digest == message.first.digest]
            if not any(message.first.at <= at <= answered.answered_at for at in kept):
                text = f"{message.first.name} was answered {answered.answer}, but {store} did not have it"
                yield Finding(Fault.UNTRUE, text, thread.tell())


def _at_the_end(history: History, messages: Iterable[Message]) -> Iterator[Finding]:
    for message in messages:
        if message.acknowledged is None:
            text = f"{message.first.name} from {message.first.sender}, {len(message.tries)} tries"
            yield Finding(Fault.UNANSWERED, text, Thread("", message.first.name, [message]).tell()[-5:])
    for left in history.leftovers:
        yield Finding(Fault.WAITING, f"{left.name} for {left.destination} is {left.state}: {left.reason}")
    for death in history.deaths:
        if not death.planned:
            yield Finding(Fault.DIED, f"{death.kind} at {death.at:.3f}")
    for trouble in history.troubles:
        yield Finding(Fault.TROUBLE, f"{trouble.kind} at {trouble.at:.3f}: {trouble.text}")

"""Compares what was promised with what happened, and names every difference. Knows nothing of how the campaign ran.

``promises`` says where a promise ends.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.campaign.explanations import explain
from tests.campaign.history import Arrival, Death, History
from tests.campaign.promises import PROMISES, Promise
from tests.campaign.story import Message, Thread, lanes_of, messages_of, threads_of


class Fault(StrEnum):
    """What can be wrong."""

    MISSING = "acknowledged and missing"
    UNTRUE = "a relayed answer that was not true"
    FOREIGN = "a store has what nobody sent"
    ORDER = "out of order"
    STALE = "the last content is not the last one acknowledged"
    DUPLICATE = "a duplicate without an explanation"
    WAITING = "left in the spool"
    UNANSWERED = "never acknowledged"
    DIED = "a process ended by itself"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, with what is known of it."""

    fault: Fault
    text: str
    story: Sequence[str] = ()


@dataclass(slots=True)
class Verdict:
    """What the judge says."""

    findings: list[Finding] = field(default_factory=list)
    beyond: list[Finding] = field(default_factory=list)
    """What would be a fault, were it promised."""
    duplicates: Counter[str] = field(default_factory=Counter)
    """By their explanation."""


def judge(
    history: History, workers: int, *, strict: bool = False, promises: Mapping[str, Promise] = PROMISES
) -> Verdict:
    """Return everything that is wrong with *history*."""
    verdict = Verdict()
    messages = messages_of(history)
    threads = threads_of(messages, history, promises)
    only_undisturbed = workers > 1 and not strict
    for thread in threads.values():
        verdict.findings += _missing(thread)
        verdict.findings += _foreign(thread)
        _file(verdict, _stale(thread, history.deaths), only_undisturbed=only_undisturbed)
        _judge_duplicates(verdict, thread, history.deaths, promises, only_undisturbed=only_undisturbed)
    for lane, arrivals in lanes_of(threads.values(), promises).items():
        _file(verdict, _disorder(lane, arrivals, history.deaths), only_undisturbed=only_undisturbed)
    verdict.findings += _untrue(messages, threads, promises)
    verdict.findings += _at_the_end(history, messages)
    return verdict


Disturbed = tuple[Finding, bool]
"""A finding, and whether a process died between the two things that it compares."""


def _file(verdict: Verdict, found: Iterable[Disturbed], *, only_undisturbed: bool) -> None:
    for finding, disturbed in found:
        (verdict.beyond if disturbed and only_undisturbed else verdict.findings).append(finding)


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


def _stale(thread: Thread, deaths: Sequence[Death]) -> Iterator[Disturbed]:
    """Find a last content that is older than the last one acknowledged, and any that came after a newer one."""
    runs, place = thread.runs(), 0
    for arrival in thread.changes():
        later = [at for at, run in enumerate(runs) if at >= place and run[0].first.digest == arrival.digest]
        if later:
            place = later[0]
        elif known := [run for run in runs[:place] if run[0].first.digest == arrival.digest]:
            text = f"{thread.store}: an older content of {thread.name} came after a newer one"
            disturbed = _died_between(deaths, known[-1][0].first.at, arrival.at)
            yield Finding(Fault.ORDER, text, thread.tell()), disturbed
    last = max((at for at, run in enumerate(runs) if any(each.acknowledged for each in run)), default=None)
    if last is not None and thread.arrivals:
        allowed = {run[0].first.digest for run in runs[last:]}
        if thread.is_deleted:
            yield Finding(Fault.STALE, f"{thread.store} has deleted {thread.name}", thread.tell()), False
        elif thread.arrivals[-1].digest not in allowed:
            text = f"{thread.store} ends with another content of {thread.name} than the last acknowledged"
            disturbed = _died_between(deaths, runs[max(last - 1, 0)][0].first.at, thread.arrivals[-1].at)
            yield Finding(Fault.STALE, text, thread.tell()), disturbed


def _disorder(
    lane: tuple[str, str, str], arrivals: Sequence[tuple[Arrival, Message]], deaths: Sequence[Death]
) -> Iterator[Disturbed]:
    newest: tuple[Arrival, Message] | None = None
    for arrival, message in arrivals:
        if newest is not None and message.first.number < newest[1].first.number:
            text = f"{lane[0]}: {arrival.name} came after {newest[0].name}, which was sent later (key {lane[2]})"
            story = [*Thread(lane[0], arrival.name, [message], [arrival]).tell(), "—"]
            story += Thread(lane[0], newest[0].name, [newest[1]], [newest[0]]).tell()
            yield Finding(Fault.ORDER, text, story), _died_between(deaths, message.first.at, arrival.at)
        else:
            newest = arrival, message


def _died_between(deaths: Sequence[Death], begin: float, end: float) -> bool:
    return any(begin <= death.at <= end for death in deaths)


def _judge_duplicates(
    verdict: Verdict,
    thread: Thread,
    deaths: Sequence[Death],
    promises: Mapping[str, Promise],
    *,
    only_undisturbed: bool,
) -> None:
    for before, after in zip(thread.arrivals, thread.arrivals[1:], strict=False):
        if before.digest != after.digest:
            continue
        reason = explain(before, after, thread, deaths, promises, only_undisturbed=only_undisturbed)
        if reason is None:
            text = f"{thread.store} got {thread.name} again, {after.at - before.at:.3f} s later"
            verdict.findings.append(Finding(Fault.DUPLICATE, text, thread.tell()))
        else:
            verdict.duplicates[reason] += 1


def _untrue(
    messages: Iterable[Message], threads: Mapping[tuple[str, str], Thread], promises: Mapping[str, Promise]
) -> Iterator[Finding]:
    for message in messages:
        promise, answered = promises[message.first.entrance], message.acknowledged
        if promise.commit or answered is None or answered.answered_at is None:
            continue
        for store in promise.stores:
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

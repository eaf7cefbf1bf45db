"""What a campaign prints at its end."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.campaign.faults import Fault, Finding
from tests.campaign.history import History
from tests.campaign.judge import Verdict
from tests.campaign.plan import Plan
from tests.campaign.promises import PROMISES
from tests.campaign.story import messages_of

STORIES = 3
"""Findings of one kind that are told in full."""
LINES = 40


def report(plan: Plan, history: History, verdict: Verdict, moods: Counter[str], lag: float) -> str:
    """Return the text."""
    return "\n".join((*_figures(plan, history, verdict, moods, lag), *_findings(verdict)))


def _figures(plan: Plan, history: History, verdict: Verdict, moods: Counter[str], lag: float) -> Iterator[str]:
    messages = messages_of(history)
    acknowledged = sum(message.acknowledged is not None for message in messages)
    counts = Counter(finding.fault for finding in verdict.findings)
    yield f"seed {plan.seed}, {plan.seconds / 60:g} minutes, workers: {plan.workers}{', strict' if plan.strict else ''}"
    yield f"deaths        {len(history.deaths)}: {_listed(Counter(death.kind for death in history.deaths))}"
    yield f"requests      {moods.total()}: {_listed(moods)}"
    yield f"messages      {len(messages)} sent in {len(history.sends)} tries, {acknowledged} acknowledged"
    yield f"stored        {len(history.arrivals)}: {_listed(Counter(each.store for each in history.arrivals))}"
    yield f"duplicates    {verdict.duplicates.total()} explained: {_listed(verdict.duplicates)}"
    yield f"              {counts[Fault.DUPLICATE]} not explained"
    yield f"missing       {counts[Fault.MISSING]}; relayed answers not true: {counts[Fault.UNTRUE]}"
    yield f"order         {counts[Fault.ORDER]} out of order, {counts[Fault.STALE]} stale last contents"
    beyond = _listed(Counter(each.fault.value for each in verdict.beyond)) or "none"
    yield f"beyond        {beyond} (see promises.py)"
    yield f"waiting       {counts[Fault.WAITING]} left in the spool, {counts[Fault.UNANSWERED]} never acknowledged"
    yield f"answers       {_listed(Counter(send.answer or 'none' for send in history.sends))}"
    yield from _answer_times(history)
    yield f"own loop      at most {lag:.2f} s late"
    faults = _listed(Counter(fault.value for fault in counts.elements()))
    yield f"result        {f'FAILED: {faults}' if counts else 'passed: nothing false, nothing stuck'}"


def _answer_times(history: History) -> Iterator[str]:
    times: dict[str, list[float]] = defaultdict(list)
    for send in history.sends:
        if send.positive and send.answered_at is not None:
            mode = "commit" if PROMISES[send.entrance].commit else "relay"
            protocol = "DICOM" if send.entrance.isupper() else "HL7"
            times[f"{protocol} {mode}"].append(send.answered_at - send.at)
    for kind, values in sorted(times.items()):
        values.sort()
        half, most = (values[int(share * (len(values) - 1))] * 1000 for share in (0.5, 0.99))
        yield f"answer time   {kind}: p50 {half:.1f} ms, p99 {most:.1f} ms ({len(values)} positive)"


def _findings(verdict: Verdict) -> Iterator[str]:
    for fault in Fault:
        found = [each for each in verdict.findings if each.fault is fault]
        yield from _told(str(fault), found)
    yield from _told("beyond the promise", verdict.beyond)


def _told(title: str, found: Sequence[Finding]) -> Iterator[str]:
    if found:
        yield f"\n{title}: {len(found)}"
        for finding in found[:STORIES]:
            yield f"  {finding.text}"
            yield from (f"      {line}" for line in finding.story[:LINES])
        yield from (f"  {finding.text}" for finding in found[STORIES : 5 * STORIES])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())

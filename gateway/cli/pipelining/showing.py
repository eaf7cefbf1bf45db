"""What the commands of the pipeline print. The report names objects, and so goes to who has asked for it alone."""

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from gateway.cli.deidentifying.bar import Bar
from gateway.contract.pipeline import Forgotten, Report, RunFacts, StageFacts, Step
from gateway.telemetry.terminal import visible


class RunBar(Bar):
    """How many objects are done."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self._step = Step(0, 0, 0)

    def step(self, step: Step) -> None:
        """Show how far it is."""
        self._step = step
        self.draw()

    def text(self, seconds: float) -> str:
        """Return the line after so many seconds."""
        step = self._step
        failed = f", {step.failed} without a row" if step.failed else ""
        rate = f", {step.done / seconds:.0f}/s" if seconds >= 1 else ""
        return f"{step.done} of {step.total} objects{failed}{rate}"


def show(options: Namespace, facts: Any, lines: Iterable[str]) -> None:
    """Print facts as JSON, or as lines, at once: with --watch the command goes on, and may print into a pipe."""
    if options.json:
        told = [asdict(each) for each in facts] if isinstance(facts, list) else asdict(facts)
        print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201  it is the command's result
        return
    for line in lines:
        print(visible(line), flush=True)  # noqa: T201  likewise


def run_lines(facts: RunFacts) -> Iterator[str]:
    """Yield what a run has done."""
    yield f"objects: {facts.objects}; worked on now: {facts.done}; dead letters now: {facts.dead}"
    for reason, count in sorted(facts.later.items()):
        yield f"not read now: {count}, {reason}"
    for place, reason in sorted(facts.unlisted.items()):
        yield f"{place}: cannot be listed: {reason}; what was known of it stays"
    yield "tables and public side: changed" if facts.has_written else "tables and public side: as they were"
    if facts.dead:
        yield "hilum pipeline CONFIG report names each object that gave no row, and the reason"


def status_lines(facts: Sequence[StageFacts]) -> Iterator[str]:
    """Yield how far each stage is."""
    for each in facts:
        yield f"{each.hospital:<16} {each.stage:<8} {each.made} made, {each.dead} dead, {each.missing} missing"
        if each.first_reason:
            yield f"{'':<16} {'':<8} first reason: {each.first_reason}"


def report_lines(report: Report) -> Iterator[str]:
    """Yield what was found: dead letters, links, what the gate has held back."""
    for each in report.letters:
        yield f"{each.stage:<8} {each.hospital}: {each.object}: {each.reason}"
    for hospital, counts in report.linking.items():
        for what, count in counts.items():
            yield f"reports of {hospital}: {count} {what}"
    for table, gate in report.gates.items():
        if not gate:
            continue
        yield f"gate before {table}: {gate['passed']} of {gate['candidates']} rows pass"
        for reason, count in gate["reasons"].items():
            yield f"gate before {table}: {count} held back: {reason}"


def forgotten_lines(gone: Forgotten) -> Iterator[str]:
    """Yield how much was forgotten."""
    yield f"forgotten: {gone.images} images, {gone.reports} reports"
    if not gone.images and not gone.reports:
        yield "nothing had this UID or number; if it comes later, nothing will be made of it"

"""How far the stages are: counts by hospital, stage and state, the first reason of a dead letter, the kinds of all.

No object is named. A run writes it into its folder of reports, where the admin port of a gateway on the same machine
reads it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from adapters.pipeline.dataset.letters import counted
from adapters.pipeline.planning import Planned
from adapters.pipeline.reporting import Reports
from adapters.pipeline.results import Results
from adapters.pipeline.work import Work
from adapters.tables.contract import Tables
from gateway.contract.pipeline import STATUS_FILE, LetterCount, Progress, Running, StageFacts

SECONDS = 5.0
"""Between two notes on how far a run is."""


def facts_of(plan: Iterable[Planned], results: Results) -> Iterator[StageFacts]:
    """Yield how far each stage is with the objects that each hospital has now."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    first: dict[tuple[str, str], Planned] = {}
    for each in plan:
        if each.known.is_current:
            for stage, (_, state) in each.results.items():
                place = each.reference.hospital, stage
                counts.setdefault(place, Counter())[state or "missing"] += 1
                if state == "dead":
                    first.setdefault(place, each)
    for (hospital, stage), found in sorted(counts.items()):
        dead = first.get((hospital, stage))
        reason = ""
        if dead is not None:
            reason = results.read(stage, dead.results[stage][0], "dead", dead.reference).dead[0].reason
        yield StageFacts(hospital, stage, found["made"], found["dead"], found["missing"], reason)


def note(
    reports: Reports, facts: Sequence[StageFacts], letters: Sequence[LetterCount], running: Running | None = None
) -> None:
    """Write how far the stages are, which dead letters there are, and while a run works how far that is."""
    told = asdict(Progress(running, facts, letters))
    reports.write(STATUS_FILE, json.dumps(told, ensure_ascii=False).encode())


def note_end(work: Work, plan: Sequence[Planned]) -> None:
    """Write what there is now that the tables are up to date, and that nothing runs."""
    facts = list(facts_of(plan, Results(work.folder)))
    note(Reports(work.folder), facts, counted(Tables(work.settings.tables)))

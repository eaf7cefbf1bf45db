"""How far the stages are: counts by hospital, stage and state, and the first reason of a dead letter.

No object is named. A run writes it into its folder of reports, where the admin port of a gateway on the same machine
reads it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from adapters.pipeline.planning import Planned
from adapters.pipeline.reporting import Reports
from adapters.pipeline.results import Results
from gateway.contract.pipeline import STATUS_FILE, StageFacts

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


def note(reports: Reports, facts: Iterable[StageFacts], done: int = 0, total: int = 0) -> None:
    """Write how far the stages are; with *total*, also how many objects a run has to work on and is done with."""
    told = {"running": {"done": done, "total": total} if total else None, "stages": [asdict(each) for each in facts]}
    reports.write(STATUS_FILE, json.dumps(told, ensure_ascii=False).encode())

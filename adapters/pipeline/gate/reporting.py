"""The report of the gate, for the operator: counts, reasons and names of columns; never a value."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.pipeline.gate.candidates import Held, Rules
from adapters.pipeline.gate.groups import Cells

FAILED = "the gate has failed, so that nothing passes: an internal error"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was searched, and for how much."""

    patients: int
    identifiers: int
    rows: int
    pictures: int


def report_of(passed: int, held: Sequence[Held], cells: Cells, scanned: Scanned, rules: Rules) -> Mapping[str, Any]:
    """Return the report as JSON values."""
    reasons = Counter(each.reason for each in held)
    return {
        "candidates": passed + len(held),
        "passed": passed,
        "held_back": len(held),
        "reasons": {reason: reasons[reason] for reason in sorted(reasons)},
        "small_cells": {
            "k": rules.k,
            "columns": list(rules.identifying),
            "rare": rules.rare,
            "rare_values": {column: count for column, count in sorted(cells.rare_values.items()) if count},
            "great_ages": cells.great_ages,
            "small_groups": cells.small_groups,
        },
        "leak_scan": asdict(scanned),
        "second_look": rules.second_look,
    }


def failed_report(candidates: int) -> Mapping[str, Any]:
    """Return the report of a gate that has failed, of which nothing else is known."""
    return {"candidates": candidates, "passed": 0, "held_back": candidates, "reasons": {FAILED: candidates}}


def as_markdown(report: Mapping[str, Any]) -> str:
    """Return the report for people."""
    return "\n".join([*_counts(report), *_cells(report.get("small_cells")), *_searched(report)]) + "\n"


def _counts(report: Mapping[str, Any]) -> Iterator[str]:
    yield "# Report of the gate"
    yield ""
    yield f"Of {report['candidates']} rows {report['passed']} pass and {report['held_back']} are held back."
    if report["reasons"]:
        yield ""
        yield "| rows | held back because |"
        yield "|---:|---|"
        yield from (f"| {count} | {reason} |" for reason, count in report["reasons"].items())


def _cells(cells: Mapping[str, Any] | None) -> Iterator[str]:
    if cells is None:
        return
    yield ""
    yield "## Small cells"
    yield ""
    columns = ", ".join(f"`{each}`" for each in cells["columns"]) or "no columns"
    yield f"A value, and a combination of values of {columns}, is shown if at least {cells['k']} patients have it."
    was = "left out" if cells["rare"] == "generalise" else "held back with their rows"
    yield f"Values of fewer patients were {was}; rows of smaller combinations were held back."
    yield ""
    yield "| what | how many |"
    yield "|---|---:|"
    yield from (f"| rare values of `{column}` | {count} |" for column, count in cells["rare_values"].items())
    yield f"| rows with an age over 89 | {cells['great_ages']} |"
    yield f"| combinations of too few patients | {cells['small_groups']} |"


def _searched(report: Mapping[str, Any]) -> Iterator[str]:
    scan = report.get("leak_scan")
    if scan is None:
        return
    yield ""
    yield "## What was searched"
    yield ""
    yield (
        f"{scan['rows']} rows and {scan['pictures']} pictures were searched for {scan['identifiers']} identifiers"
        f" of {scan['patients']} patients, each for those of its own patient."
    )
    looked = "was" if report["second_look"] else "was not (`second_look: false`)"
    yield f"Each picture {looked} searched for text a second time."

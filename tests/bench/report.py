"""Where a run leaves its results: the terminal, a JSON file, and after a full run the page and its chart."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench import chart, table
from tests.bench.measure import Measured
from tests.bench.processes import BUILD, ROOT

PAGE = ROOT / "docs" / "performance.md"
CHART = "performance.png"
TABLE = re.compile(r"(?<=<!-- results -->\n).*(?=<!-- end of results -->)", re.DOTALL)


def as_json(measured: Measured) -> dict[str, Any]:
    """Return a case with every sample and every ratio."""
    case = measured.case
    return {
        "row": case.row,
        "name": case.name,
        "unit": case.unit,
        "subject": case.subject,
        "skipped": dict(case.skipped),
        "contenders": {
            name: {
                "median": asdict(measured.value(name)),
                "subject divided by this": asdict(measured.ratio(name)),
                "samples": [{"value": each.value, **each.more} for each in samples],
            }
            for name, samples in measured.samples.items()
        },
        "goals": [
            {"of": goal.of, "goal": str(goal), "reached": reached, "met": met}
            for goal, reached, met in measured.verdicts()
        ],
    }


def write_json(machine: Mapping[str, str], rounds: int, scale: float, results: Sequence[Measured]) -> None:
    """Write bench-results.json; a *scale* below 1 says that its numbers only try the bench."""
    content = {"machine": dict(machine), "rounds": rounds, "scale": scale, "cases": list(map(as_json, results))}
    (ROOT / "bench-results.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_chart(results: Sequence[Measured], *, publish: bool) -> None:
    """Draw the chart into the documents, or aside when it is not the whole."""
    if any(each.case.charted for each in results):
        chart.draw(results, (ROOT / "docs" if publish else BUILD) / CHART)


def write_page(machine: Mapping[str, str], rounds: int, results: Sequence[Measured]) -> None:
    """Put the table and the machine into the page."""
    described = ", ".join(f"{key} {value}" for key, value in machine.items())
    text = f"Machine: {described}. Rounds: {rounds}.\n\n{table.markdown(results)}\n"
    page = PAGE.read_text()
    PAGE.write_text(TABLE.sub(lambda _: text, page))

"""Writes docs/reference/metrics.md from the definitions of the metrics; a test checks that it is up to date."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.contract.meter import Pause, Rejection
from gateway.kinds import KINDS
from gateway.telemetry.metrics import OF_EXCHANGE, OF_STEP, Metrics
from gateway.telemetry.registry import SECONDS, Family
from gateway.telemetry.summing import LARGEST, SMALLEST
from gateway.telemetry.supervisor import DIED, HUNG, NOT_STARTED, RESTARTS

PAGE = Path(__file__).parent / "reference" / "metrics.md"
REASONS: Mapping[str, Sequence[str]] = {
    "hilum_rejections_total": list(Rejection),
    "hilum_pauses_total": list(Pause),
    RESTARTS.name: [DIED, HUNG, NOT_STARTED],
}
"""The values of the label ``reason``."""
HEAD = f"""# Metrics

The metrics at `/metrics` of the admin port, in the Prometheus text format. There are also the `process_…` metrics of
the Prometheus client library.

With `workers` above 1 the admin port combines the processes: the column "workers" says whether their values are added,
or whether the largest or the smallest value is shown. A counter does not decrease when a worker ends.

The upper bounds of the buckets of every histogram are {", ".join(f"{each:g}" for each in SECONDS)} seconds.

| metric | type | labels | workers | meaning |
|---|---|---|---|---|
"""


def render() -> str:
    """Return the page."""
    families = sorted([*Metrics().families, RESTARTS, *_of_steps(), *_of_destinations()])
    reasons = "".join(_reasons(name) for name in REASONS)
    return HEAD + "".join(map(_row, families)) + reasons


def _of_destinations() -> Iterator[Family]:
    counters = {kind.counter for kind in KINDS.destinations.values() if kind.counter is not None}
    return (Family(f"{each.name}_total", "counter", each.text, OF_EXCHANGE) for each in counters)


def _of_steps() -> Iterator[Family]:
    counters = {kind.counter for kind in KINDS.steps.values() if kind.counter is not None}
    return (Family(f"{each.name}_total", "counter", each.text, OF_STEP) for each in counters)


def _row(family: Family) -> str:
    labels = ", ".join(f"`{label}`" for label in family.labels) or "none"
    return f"| `{family.name}` | {family.kind} | {labels} | {_together(family.name)} | {family.text} |\n"


def _together(name: str) -> str:
    if name in SMALLEST:
        return "smallest"
    return "largest" if name in LARGEST else "added"


def _reasons(name: str) -> str:
    listed = ", ".join(f"`{reason}`" for reason in REASONS[name])
    return f"\n## Reasons of `{name}`\n\n{listed}\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render())

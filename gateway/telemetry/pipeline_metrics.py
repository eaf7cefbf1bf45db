"""The metrics of the research pipeline, from what its runs note. No hospital and no object is named."""

from collections.abc import Callable, Iterator

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.contract.pipeline import Progress
from gateway.telemetry.reading_apart import ReadApart, gauge_of
from gateway.telemetry.registry import Family

OBJECTS = Family(
    "hilum_pipeline_objects",
    "gauge",
    "Objects of a stage of hilum pipeline: a result is made, is a dead letter (dead), or is missing",
    ("stage", "state"),
)
LETTERS = Family(
    "hilum_pipeline_dead_letters",
    "gauge",
    "Dead letters of hilum pipeline, by the kind of their reason",
    ("stage", "reason"),
)
RUN = Family(
    "hilum_pipeline_run_objects",
    "gauge",
    "Objects of the run of hilum pipeline that works now: done, or left; nothing if none works",
    ("state",),
)
PIPELINE_FAMILIES = (OBJECTS, LETTERS, RUN)


class PipelineMetrics(Collector):
    """Shows what *read* returns."""

    def __init__(self, read: Callable[[], Progress]) -> None:
        self._progress = ReadApart(read, Progress())

    def collect(self) -> Iterator[Metric]:
        """Yield what was read last."""
        found = self._progress.latest()
        counts = [
            (each.stage, {"made": each.made, "dead": each.dead, "missing": each.missing}) for each in found.stages
        ]
        yield gauge_of(OBJECTS, [((stage, state), number) for stage, of in counts for state, number in of.items()])
        yield gauge_of(LETTERS, [((each.stage, each.kind), each.letters) for each in found.letters])
        run = found.running
        states = {} if run is None else {"done": run.done, "left": run.total - run.done}
        yield gauge_of(RUN, [((state,), number) for state, number in states.items()])

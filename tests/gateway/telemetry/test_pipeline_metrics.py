"""What the metrics say of the research pipeline."""

from gateway.contract.pipeline import LetterCount, Progress, Running, StageFacts
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.pipeline_metrics import PipelineMetrics
from tests.waiting import until

STAGES = [StageFacts("north", "headers", 5, 1, 2, "it is cut"), StageFacts("south", "headers", 7, 0, 0)]


async def lines_of(progress: Progress) -> list[str]:
    """Return what a scrape says after the first reading."""
    metrics = Metrics()
    metrics.pipeline(lambda: progress)
    await until(lambda: b"hilum_pipeline_objects{" in metrics.render())
    return [each for each in metrics.render().decode().splitlines() if each.startswith("hilum_pipeline")]


async def test_shown() -> None:
    """Objects by stage and state, letters by kind, and the run; neither a hospital nor a sentence."""
    lines = await lines_of(Progress(Running(3, 9), STAGES, [LetterCount("headers", "content", 1)]))
    assert lines == [
        'hilum_pipeline_objects{stage="headers",state="made"} 12.0',
        'hilum_pipeline_objects{stage="headers",state="dead"} 1.0',
        'hilum_pipeline_objects{stage="headers",state="missing"} 2.0',
        'hilum_pipeline_dead_letters{reason="content",stage="headers"} 1.0',
        'hilum_pipeline_run_objects{state="done"} 3.0',
        'hilum_pipeline_run_objects{state="left"} 6.0',
    ]


async def test_nothing_runs() -> None:
    """The gauge of the run has no sample then."""
    assert not [each for each in await lines_of(Progress(None, STAGES)) if "run_objects" in each]


def test_before_a_run() -> None:
    """Families without samples."""
    assert [each.samples for each in PipelineMetrics(Progress).collect()] == [[], [], []]

"""What the commands of the pipeline print."""

from gateway.cli.pipelining.showing import RunBar, forgotten_lines, run_lines
from gateway.contract.pipeline import Forgotten, RunFacts, Step


def test_bar() -> None:
    """How many objects are done, how many gave no row, and how fast it goes."""
    bar = RunBar()
    bar.step(Step(10, 40, 2))
    assert bar.text(0.5) == "10 of 40 objects, 2 without a row"
    assert bar.text(5) == "10 of 40 objects, 2 without a row, 2/s"


def test_lines() -> None:
    """A run without news, and how much was forgotten."""
    assert list(run_lines(RunFacts(3, 0, 0))) == [
        "objects: 3; worked on now: 0; dead letters now: 0",
        "tables and public side: as they were",
    ]
    assert list(forgotten_lines(Forgotten(2, 1))) == ["forgotten: 2 images, 1 reports"]

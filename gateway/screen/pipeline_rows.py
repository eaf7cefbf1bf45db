"""The research pipeline on the first screen: how far a run is, and a row for each stage with all hospitals together."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.contract.pipeline import Running, StageFacts
from gateway.screen.pipeline_progress import Noted

NAMES = {"headers": "Headers", "public": "De-identification and thumbnails", "reports": "Reports"}
"""The stages in the order in which they are shown; another one comes behind them, as it is called."""
OLD_SECONDS = 600.0
"""A run notes its progress every few seconds, when an object is done. After so long without a note it may be gone."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage."""

    name: str
    made: int
    dead: int
    missing: int
    reason: str
    """The hospital of the first dead letter, and why it is one."""

    @property
    def state(self) -> str:
        """How it is shown."""
        if self.dead:
            return "dead_letters"
        return "waiting" if self.missing else "made"


@dataclass(frozen=True, slots=True)
class PipelineShown:
    """The part of the page."""

    rows: Sequence[StageRow]
    running: Running | None
    at: float | None
    """When this was noted; None if there was no run yet, or the note cannot be read."""
    problem: str


def shown_of(noted: Noted) -> PipelineShown:
    """Return what the page shows of a note."""
    by_stage: dict[str, list[StageFacts]] = {name: [] for name in NAMES}
    for each in noted.progress.stages:
        by_stage.setdefault(each.stage, []).append(each)
    rows = [_row(stage, facts) for stage, facts in by_stage.items() if facts]
    return PipelineShown(rows, noted.progress.running, noted.at, noted.problem)


def _row(stage: str, facts: Sequence[StageFacts]) -> StageRow:
    reason = next((f"{each.hospital}: {each.first_reason}" for each in facts if each.first_reason), "")
    return StageRow(
        NAMES.get(stage, stage),
        sum(each.made for each in facts),
        sum(each.dead for each in facts),
        sum(each.missing for each in facts),
        reason,
    )

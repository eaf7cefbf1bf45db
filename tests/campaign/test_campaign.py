"""A small campaign with each number of workers; ``make campaign`` runs longer ones."""

from pathlib import Path

import pytest

from tests.campaign.__main__ import campaign
from tests.campaign.plan import Plan
from tests.seeds import SEED


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_false_and_nothing_stuck(tmp_path: Path, workers: int, seed: int) -> None:
    """Killed and flapping for 25 s, everything acknowledged arrives, in order, and once but for cause."""
    verdict, text = campaign(Plan(seed, 25, workers, kill_pauses=(1.0, 5.0)), tmp_path)
    assert [] == verdict.findings, text

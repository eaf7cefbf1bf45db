"""A small campaign with each number of workers; ``make campaign`` runs longer ones."""

import os
import random
from pathlib import Path

import pytest

from tests.campaign.__main__ import campaign
from tests.campaign.plan import Plan

SEED = int(os.environ.get("HILUM_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
"""Part of the test's name, so that a failure tells how to try again: ``make campaign SEED=... MINUTES=0.4``."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [SEED])
@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_false_and_nothing_stuck(tmp_path: Path, workers: int, seed: int) -> None:
    """Killed and flapping for 25 s, everything acknowledged arrives, in order, and once but for cause."""
    verdict, text = campaign(Plan(seed, 25, workers, kill_pauses=(1.0, 5.0)), tmp_path)
    assert [] == verdict.findings, text

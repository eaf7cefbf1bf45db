"""A run of the tests can be repeated."""

import os
import re
from pathlib import Path

from hypothesis import settings

from tests.seeds import SEED

ROOT = Path(__file__).parent.parent
WITHOUT_A_SEED = re.compile(
    r"SystemRandom|os\.urandom|import secrets|\bRandom\(\)|\brandom\.(random|rand\w+|choice|shuffle)\("
)
WITHOUT_HARM = {
    "tests/campaign/__main__.py",  # chooses the seed that it prints
    "tests/campaign/plan.py",  # loopback addresses, so that several campaigns run at once
    "tests/ports.py",  # ports, so that several test runs do
}


def test_fixed_seed() -> None:
    """Tests that kill and damage do the same each time, unless a seed is named."""
    assert int(os.environ.get("HILUM_SEED", "20")) == SEED


def test_examples() -> None:
    """In CI property-based tests take the same examples each time."""
    assert bool(os.environ.get("CI")) == settings().derandomize


def test_no_chance_without_a_seed() -> None:
    """No test takes numbers by chance that a second run would not take."""
    files = [path for path in sorted(ROOT.glob("tests/**/*.py")) if WITHOUT_A_SEED.search(path.read_text())]
    assert WITHOUT_HARM == {str(path.relative_to(ROOT)) for path in files} - {"tests/test_seeds.py"}

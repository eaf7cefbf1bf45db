"""The seed of the tests that kill, damage and flap by chance: the same in every run, unless one is named."""

import os

SEED = int(os.environ.get("HILUM_SEED", "0")) or 20
"""Part of those tests' names, so that a failure tells how to try again: ``HILUM_SEED=... make test``."""

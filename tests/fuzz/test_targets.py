"""Every fuzz target over what is kept in its corpus, and over made-up inputs near it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.edits import inputs
from tests.fuzz.targets import CORPUS, NAMES, load, seeds

EXAMPLES = 150
MOST_OCTETS = 1 << 20


@pytest.mark.parametrize("name", NAMES)
def test_corpus(name: str) -> None:
    """What was found once, crashes among it, is found no more."""
    target = load(name)
    for data in seeds(name):
        target(data)


@pytest.mark.parametrize("name", NAMES)
def test_properties(name: str) -> None:
    """The invariants of a target hold for inputs near its corpus, and for any others."""
    target = load(name)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(inputs(seeds(name)))
    def check(data: bytes) -> None:
        target(data)

    check()


@given(st.sampled_from(NAMES), st.binary(max_size=3))
def test_short_inputs(name: str, data: bytes) -> None:
    """A target takes an input that ends before its choices do."""
    load(name)(data)


def test_corpus_is_small_and_complete() -> None:
    """Every target has a corpus, and no folder is left without its target."""
    assert set(NAMES) == {folder.name for folder in CORPUS.iterdir()}
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < MOST_OCTETS
    assert all(len(seeds(name)) >= 3 for name in NAMES)

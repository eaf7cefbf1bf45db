"""What is told of a run of the pipeline."""

from gateway.contract.pipeline import RunFacts


def test_good() -> None:
    """A run is good if every place was listed and every object read; dead letters are no failure of the run."""
    assert RunFacts(3, 3, 1).is_good
    assert not RunFacts(3, 3, 0, later={"it is away": 1}).is_good
    assert not RunFacts(3, 3, 0, unlisted={"pipeline.hospitals.north.images": "it is away"}).is_good

"""An association as it is remembered."""

from gateway.contract.associations import Association, ContextAnswer


def test_seen() -> None:
    """What was stored belongs to the context in which it came; a refused context has nothing."""
    taken = ContextAnswer(1, "1.2", ("1.1", "1.3"), 0, "1.1", is_storage=True)
    refused = ContextAnswer(3, "1.2", ("1.3",), 4, "", is_storage=True)
    one = Association(1.0, "modalities", "CT1", "10.0.0.1:9", "HILUM", contexts=(taken, refused))
    one.answers["1.2", "1.1", True] += 2
    one.answers["1.2", "", True] += 5
    seen = one.seen()
    assert [(2, 0), (0, 0)] == [(each["stored"], each["failed"]) for each in seen["contexts"]]
    assert ("CT1", "", None, []) == (seen["peer"], seen["ended"], seen["ended_at"], seen["accepted"])

"""A manifest counts by rule and action."""

from adapters.deidentify.manifest import Manifest


def test_counts() -> None:
    """What was done is counted, and what was skipped is named."""
    manifest = Manifest("HL7v2 limited", "f3603edb")
    for action in ("removed", "removed", "kept"):
        manifest.note("field", action)
    assert manifest.done == {("field", "removed"): 2, ("field", "kept"): 1}
    assert manifest.skipped == []

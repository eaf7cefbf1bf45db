"""What a report names of a step has no identifier in its text."""

from gateway.contract.release import Release


def test_text() -> None:
    """A release can be shown: it has policies and fingerprints only."""
    release = Release({"dicom": "basic"}, "keyed", "00cf2700", "abc", lambda name: name[::-1])
    assert release.policies == {"dicom": "basic"}
    assert release.name_of("ab") == "ba"

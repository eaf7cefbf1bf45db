"""Codes of standards."""

from adapters.rest.verdict.codes import CODES


def test_codes_are_words() -> None:
    """Each is one word, so that none can be a sentence of a store."""
    assert {"RESOURCE_EXHAUSTED", "invalid_token", "not-found"} <= CODES
    assert all(each.replace("-", "").replace("_", "").isalpha() for each in CODES)

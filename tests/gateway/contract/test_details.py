"""The details that diagnoses of destinations may have."""

import re

from gateway.contract.details import DETAILS


def test_details_have_plain_names() -> None:
    """Each name is a word that templates can name; one is there once."""
    for names in DETAILS.values():
        bare = [each.removesuffix("?") for each in names]
        assert len(set(bare)) == len(bare)
        assert all(re.fullmatch(r"[a-z][a-z_]*", each) for each in bare)

"""The adapters and the sandbox obey the same rules of patterns."""

from adapters.objects import wildcards
from gateway.contract import wildcards as rules


def test_same() -> None:
    """What is exported here is what the contract has."""
    assert all(getattr(wildcards, name) is getattr(rules, name) for name in wildcards.__all__)

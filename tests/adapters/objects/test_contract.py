"""The adapters and the commands mean the same buckets."""

from adapters.objects import contract
from gateway.contract import objects


def test_same() -> None:
    """What is exported here is what the contract has."""
    assert all(getattr(contract, name) is getattr(objects, name) for name in contract.__all__)

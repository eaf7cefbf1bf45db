"""What a bucket can answer is told apart by class."""

from gateway.contract.errors import GatewayError
from gateway.contract.objects import AlreadyThere, BadKey, BucketAway, NotAllowed, NotThere, ObjectError


def test_one_tree() -> None:
    """Who does not care for the reason catches one class."""
    kinds = (AlreadyThere, BadKey, BucketAway, NotAllowed, NotThere)
    assert all(issubclass(each, ObjectError) for each in kinds)
    assert issubclass(ObjectError, GatewayError)

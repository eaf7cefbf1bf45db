"""The interface of buckets, which is part of the contract, because the commands use it as well as the adapters."""

from gateway.contract.objects import (
    AlreadyThere,
    BadKey,
    Bucket,
    BucketAway,
    Found,
    NotAllowed,
    NotThere,
    ObjectError,
)

__all__ = ["AlreadyThere", "BadKey", "Bucket", "BucketAway", "Found", "NotAllowed", "NotThere", "ObjectError"]

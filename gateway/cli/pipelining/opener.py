"""Opens the buckets of a configuration in whatever process: it can be pickled, which a function within one cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config.buckets import opener_of
from gateway.config.models import AnyBucket
from gateway.contract.objects import Bucket


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens buckets by name."""

    buckets: Mapping[str, AnyBucket]

    def __call__(self, name: str) -> Bucket:
        """Return a bucket; raises ConfigError if there is none of this name, or a file of it cannot be used."""
        return opener_of(self.buckets)(name)

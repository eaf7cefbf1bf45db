"""The buckets of a configuration: which there are, and how one is opened by its name."""

from collections.abc import Callable, Iterator, Mapping

from gateway.config.models import AnyBucket
from gateway.contract.errors import ConfigError
from gateway.contract.objects import Bucket
from gateway.kinds import KINDS


def opener_of(buckets: Mapping[str, AnyBucket]) -> Callable[[str], Bucket]:
    """Return what opens a bucket by its name; it raises ConfigError if there is none, or a file cannot be used."""

    def open_bucket(name: str) -> Bucket:
        if name not in buckets:
            raise ConfigError(f"{name}: there is no such bucket; there is {_names(buckets)}")
        settings = buckets[name]
        return KINDS.buckets[settings.kind].open(f"buckets.{name}", settings)

    return open_bucket


def bucket_problems(destinations: object, buckets: object) -> Iterator[str]:
    """Yield the destinations that name a bucket which is not there. The sections may be malformed."""
    known = buckets if isinstance(buckets, dict) else {}
    for name, each in destinations.items() if isinstance(destinations, dict) else ():
        bucket = each.get("bucket") if isinstance(each, dict) else None
        if isinstance(bucket, str) and bucket not in known:
            yield f"destinations.{name}.bucket: there is no bucket {bucket!r}; there is {_names(known)}"


def _names(section: Mapping[str, object]) -> str:
    return ", ".join(sorted(section)) or "none"

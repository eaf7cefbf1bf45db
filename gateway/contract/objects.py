"""Objects in buckets: what S3, GCS and a folder have in common.

A bucket has no folders, only names (*keys*) in which ``/`` separates. An object is whole or absent: it becomes visible
with its last octet. Keys may name patients: they belong into the operator's own report, never into a log or a metric.
"""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.contract.body import Buffer
from gateway.contract.errors import GatewayError


class ObjectError(GatewayError):
    """A bucket did not do what it was asked for. The text has the reason, and neither key nor payload."""


class AlreadyThere(ObjectError):  # noqa: N818  it names what happened
    """There is an object with this key, and it may not be replaced."""


class NotThere(ObjectError):  # noqa: N818  likewise
    """There is no object with this key."""


class NotAllowed(ObjectError):  # noqa: N818  likewise
    """The bucket refuses: the credentials are wrong, or do not suffice. Trying again is useless before a mend."""


class BadKey(ObjectError):  # noqa: N818  likewise
    """The bucket cannot have an object of this name."""


class BucketAway(ObjectError):  # noqa: N818  likewise
    """The bucket cannot be reached, or fails. Trying again later may succeed."""


@dataclass(frozen=True, slots=True)
class Found:
    """One object of a bucket, as a listing tells it."""

    key: str
    size: int
    version: str
    """Another one after each change of the content: the ETag of S3 and GCS; time, size and inode of a file. It is no
    digest."""
    modified: datetime


class Bucket(Protocol):
    """One bucket. Every method raises :class:`ObjectError` where the bucket does not do what it is asked for."""

    def list(self, pattern: str) -> AsyncIterator[Found]:
        """Yield each object that *pattern* means (``contract.wildcards``), each once; raises BadPattern.

        The order is that of the bucket: of keys in folders, in S3 and in GCS, but not in every server like them.
        Empty objects whose key ends with ``/`` are what some programs write for folders; they are left out.
        """

    async def read(self, key: str, first: int = 0, count: int | None = None) -> bytes:
        """Return *count* octets from octet *first*, or fewer where the object ends before; None means all."""

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the octets of the object."""

    async def create(self, key: str, chunks: AsyncIterable[Buffer], *, replace: bool = False) -> None:
        """Write an object. Raises AlreadyThere if there is one and *replace* is false.

        If *chunks* raises, that error is raised and no object appears.
        """

    async def remove(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

"""The versions of resources that Hilum has written into a store from which a listener reads: the store tells of them.

A store tells of each version for itself. One that Hilum has written is known by the store's answer: its type, ID and
version. Whoever has written the version before or after it has written another one, of which the store tells, too. What
a conditional create has found was written by somebody else.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from adapters.rest.fhir.replies import Done, place_of, tagged
from adapters.rest.http.reply import Reply
from gateway.contract.fhir import Interaction

WRITES = {"POST": (201,), "PUT": (200, 201), "PATCH": (200,)}
"""The statuses after which the version in an answer is that of the request. After a DELETE nothing can be fetched."""
PLACES = ("Location", "Content-Location")
NAME = re.compile(r"[A-Z][A-Za-z]{0,63}/[A-Za-z0-9.-]{1,64}", re.ASCII)


def digest_of(name: str, version: str) -> str:
    """Return what is remembered of a version of ``Type/id``: an ID may be the number of a patient."""
    return sha256(f"{name}/_history/{version}".encode()).hexdigest()[:32]


def written(methods: Iterable[object], done: Iterable[Done]) -> Iterator[str]:
    """Yield the digest of each version that was written by entries with these *methods*."""
    for method, each in zip(methods, done, strict=False):
        if each.status in WRITES.get(str(method), ()) and each.location and each.version:
            yield digest_of(each.location, each.version)


def done_by(reply: Reply, interaction: Interaction) -> Done:
    """Return what became of a single interaction; its place is in a header, or is the address that was asked."""
    places = (place_of(reply.headers.get(each)) for each in PLACES)
    location, version = next((each for each in places if each[0]), ("", ""))
    if not location and NAME.fullmatch(interaction.url):
        location = interaction.url
    return Done(reply.status, location, version=version or tagged(reply.headers.get("ETag")))

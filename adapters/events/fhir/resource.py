"""The name of a resource in a notification, its address, and the resource in the store's reply.

GET {store}/fhir/{type}/{id}     application/fhir+json, the current version

The data of a notification is the name of the resource, ``{store}/fhir/{type}/{id}``, or with ``sendFullResource`` the
resource itself. That may be an older version than the one in the store, so only its ID is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from adapters.events.stores import FHIR_STORE
from adapters.fhir.message import EXECUTED, patient_of
from gateway.contract.fhir import RESOURCE_TYPES
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook

NAME = re.compile(r"(.*)/fhir/([A-Z][A-Za-z]{0,63})/(?!\.{1,2}\Z)([A-Za-z0-9.-]{1,64})", re.ASCII)
LONGEST_NAME = 1024
MADE_BY_STORE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An ID that the store has given: a UUID. Others are of clients, and may be the number of a patient."""
NOT_A_RESOURCE = Unavailable("the store's resource cannot be read", outlook=Outlook.DOUBTFUL)
ANOTHER = Unavailable("the store gave another resource than it was asked for", outlook=Outlook.DOUBTFUL)


class _Coding(msgspec.Struct):
    system: Any = None
    code: Any = None


class _Meta(msgspec.Struct):
    versionId: str = ""  # noqa: N815 - FHIR's name
    tag: list[_Coding] = msgspec.field(default_factory=list)


class _Resource(msgspec.Struct):
    resourceType: str = ""  # noqa: N815 - FHIR's name
    id: str = ""
    type: Any = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Named(msgspec.Struct):
    id: str = ""


_resource, _named = msgspec.json.Decoder(_Resource).decode, msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as the store has it."""

    data: bytes = field(repr=False)
    kind: str
    name: str
    version: str
    """``meta.versionId``; empty if the store gives none."""
    tags: frozenset[str] = frozenset()
    """``meta.tag``, each as ``system|code``."""
    is_executed: bool = False
    """Whether it is a transaction or a batch: whoever gets it would not store it, but execute it."""


class ResourceAddresses:
    """The addresses of a store's resources; a notification cannot lead to another place."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        found = FHIR_STORE.match(urlsplit(self._url).path)
        assert found is not None  # noqa: S101  the settings have checked it
        self.store = found[1]

    def is_name(self, name: str) -> bool:
        """Whether *name* is that of a resource of this store."""
        found = NAME.fullmatch(name)
        return found is not None and found[1] == self.store

    def resource(self, name: str) -> str:
        """Return the address of a resource whose name :meth:`is_name` has accepted."""
        return f"{self._url}{name.removeprefix(self.store)}"


def name_in(data: bytes, attributes: Mapping[str, object]) -> str:
    """Return the name of the resource that a notification is about; an empty one if there is none. Never raises."""
    try:
        if attributes.get("payloadType") != "FullResource":
            return data.decode("ascii") if len(data) <= LONGEST_NAME else ""
        identifier = _named(data).id
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return ""
    name = f"{attributes.get('storeName')}/fhir/{attributes.get('resourceType')}/{identifier}"
    return name if NAME.fullmatch(name) else ""


def read_resource(data: bytes, name: str) -> Resource | Unavailable:
    """Return the resource in a reply. Never raises."""
    try:
        found = _resource(data)
    except (ValueError, RecursionError):
        return NOT_A_RESOURCE
    if not name.endswith(f"/fhir/{found.resourceType}/{found.id}"):
        return ANOTHER
    tags = frozenset(f"{each.system or ''}|{each.code or ''}" for each in found.meta.tag)
    is_executed = found.resourceType == "Bundle" and isinstance(found.type, str) and found.type in EXECUTED
    return Resource(data, found.resourceType, name, found.meta.versionId, tags, is_executed)


def key_of(data: bytes) -> str | None:
    """Return what the resources of one patient share, or a resource that names no patient has for itself.

    It is payload: it is compared, and never shown. Never raises.
    """
    try:
        found = _resource(data)
    except (ValueError, RecursionError):
        return None
    own = f"{found.resourceType}/{found.id}"
    return own if found.resourceType == "Patient" else patient_of(data) or own


def naming(name: str) -> dict[str, str]:
    """Return what names a resource in a log: its type, and its ID if the store has given that."""
    found = NAME.fullmatch(name)
    if found is None or found[2] not in RESOURCE_TYPES:
        return {}
    return {"source_name": f"{found[2]}/{found[3]}" if MADE_BY_STORE.fullmatch(found[3]) else found[2]}

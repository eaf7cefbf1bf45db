"""The kinds of destination that are reached over HTTP, and the kinds of credentials for them."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from adapters.hl7.outbound import prepare
from adapters.rest.connecting.dialer import Trust
from adapters.rest.credentials.authorization import BASIC, BEARER, GOOGLE, NONE, OAUTH2, Way
from adapters.rest.credentials.settings import ProxySettings
from adapters.rest.dicomweb.settings import BatchSettings, DicomwebSettings
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.hl7v2_store import Hl7v2Store, Prepare
from adapters.rest.http_post import HttpPost
from adapters.rest.ingested import IngestedNames
from adapters.rest.settings import Hl7v2StoreSettings, HttpSettings, RestSettings
from gateway.contract.kind import CredentialKind, DestinationKind, ExchangeCounter, Store, Tools
from gateway.contract.store_listing import Listing

CREDENTIALS: tuple[CredentialKind, ...] = (NONE, BASIC, BEARER, OAUTH2, GOOGLE)
OVERWRITES_NOTHING = (
    "instances of listener `{listener}` never overwrite and are refused with 0111, because the instance in the store "
    "is deleted only when the whole new one is in the spool; set `acknowledge: commit` there"
)

IN_THE_CLEAR = (
    "patients' data goes to {host} in the clear, where everybody on the way can read it; change it to https:// unless "
    "that network is protected in another way"
)


def trust_of(name: str, settings: RestSettings, tools: Tools) -> Trust:
    """Return the TLS contexts and credentials of a destination."""
    place, credentials = f"destinations.{name}", settings.credentials
    tokens = tools.contexts(f"{place}.credentials.tls", getattr(credentials, "tls", None))
    way = Way(tokens, settings.max_retry_after_seconds, settings.proxy)
    authorize = partial(tools.credentials[credentials.kind].open, credentials, way)
    shows = settings.tls is not None and settings.tls.certificate_file is not None
    return Trust(tools.contexts(f"{place}.tls", settings.tls), tokens, authorize, shows)


def _prepare(settings: Hl7v2StoreSettings | HttpSettings) -> Prepare:
    return partial(prepare, charset=settings.charset, segment_end=settings.segment_end, line_feeds=settings.line_feeds)


def _ingested(settings: RestSettings, tools: Tools) -> IngestedNames | None:
    """Return what is remembered of a store for the listener that reads from it; None if there is no such listener."""
    store = settings.url.rstrip("/")
    return IngestedNames(tools.data_dir, store) if tools.data_dir is not None and store in tools.read_stores else None


def _open_hl7v2_store(name: str, settings: Hl7v2StoreSettings, tools: Tools) -> Store:
    ingested = _ingested(settings, tools)
    return Hl7v2Store(name, settings, _prepare(settings), trust_of(name, settings, tools), ingested)


def _open_http(name: str, settings: HttpSettings, tools: Tools) -> Store:
    return HttpPost(name, settings, _prepare(settings), trust_of(name, settings, tools))


def _open_dicomweb(name: str, settings: DicomwebSettings, tools: Tools) -> Store:
    from adapters.rest.dicomweb.store import Dicomweb  # noqa: PLC0415  it takes 9 MiB

    if (ingested := _ingested(settings, tools)) is not None:
        from adapters.rest.dicomweb.remembering import RememberingDicomweb  # noqa: PLC0415  likewise

        return RememberingDicomweb(name, settings, trust_of(name, settings, tools), ingested)
    return Dicomweb(name, settings, trust_of(name, settings, tools))


def _open_fhir_store(name: str, settings: FhirStoreSettings, tools: Tools) -> Store:
    from adapters.rest.fhir.store import FhirStore  # noqa: PLC0415  only who writes FHIR needs its decoders

    trust, count = trust_of(name, settings, tools), tools.counter(name, FHIR_RESOURCES)
    return FhirStore(name, settings, trust, count, _ingested(settings, tools))


@asynccontextmanager
async def _list_dicomweb(name: str, settings: DicomwebSettings, tools: Tools) -> AsyncIterator[Listing]:
    from adapters.rest.http.client import Client  # noqa: PLC0415  only for those who copy a store
    from adapters.rest.listing.dicom import DicomListing  # noqa: PLC0415  likewise

    async with Client(settings, trust_of(name, settings, tools)) as client:
        yield DicomListing(client, settings.url)


@asynccontextmanager
async def _list_fhir_store(name: str, settings: FhirStoreSettings, tools: Tools) -> AsyncIterator[Listing]:
    from adapters.rest.http.client import Client  # noqa: PLC0415  likewise
    from adapters.rest.listing.fhir import FhirListing  # noqa: PLC0415  likewise

    async with Client(settings, trust_of(name, settings, tools)) as client:
        yield FhirListing(client, settings.url)


@asynccontextmanager
async def _list_hl7v2_store(name: str, settings: Hl7v2StoreSettings, tools: Tools) -> AsyncIterator[Listing]:
    from adapters.rest.http.client import Client  # noqa: PLC0415  likewise
    from adapters.rest.listing.hl7v2 import Hl7v2Listing  # noqa: PLC0415  likewise

    async with Client(settings, trust_of(name, settings, tools)) as client:
        yield Hl7v2Listing(client, settings.url)


def _in_the_clear(settings: RestSettings, _: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    if (host := settings.host_in_the_clear) is not None:
        yield "url", IN_THE_CLEAR.format(host=host)


def _of_dicomweb(settings: DicomwebSettings, relaying: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from _in_the_clear(settings)
    if settings.on_conflict == "overwrite":
        yield from (("on_conflict", OVERWRITES_NOTHING.format(listener=listener)) for listener in relaying)


PROXY = {"`proxy` of a destination or of its `credentials`": ProxySettings}
HL7V2_STORE = DestinationKind(
    "hl7v2_store",
    Hl7v2StoreSettings,
    frozenset({"hl7v2"}),
    _open_hl7v2_store,
    _in_the_clear,
    PROXY,
    listing=_list_hl7v2_store,
)
HTTP = DestinationKind("http", HttpSettings, frozenset({"hl7v2"}), _open_http, _in_the_clear, PROXY)
DICOMWEB = DestinationKind(
    "dicomweb",
    DicomwebSettings,
    frozenset({"dicom"}),
    _open_dicomweb,
    _of_dicomweb,
    {"`batch`": BatchSettings, **PROXY},
    listing=_list_dicomweb,
)
FHIR_RESOURCES = ExchangeCounter(
    "hilum_fhir_resources",
    "What became of the resources of converted messages; outdated: the store has something newer; missed: what the "
    "message deletes was not there",
    ("created", "updated", "patched", "unchanged", "outdated", "left_out", "missed"),
)
FHIR_STORE = DestinationKind(
    "fhir_store",
    FhirStoreSettings,
    frozenset({"fhir"}),
    _open_fhir_store,
    _in_the_clear,
    PROXY,
    counter=FHIR_RESOURCES,
    listing=_list_fhir_store,
)

"""Settings of a listener that fetches what a store tells of by Pub/Sub."""

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from adapters.events.instants import SECOND, read_instant
from adapters.events.stores import DICOM_STORE, FHIR_STORE, HL7V2_STORE
from adapters.rest.credentials.settings import CredentialSettings, GoogleCredentials, NoCredentials, ProxySettings
from adapters.rest.http.urls import check_url
from adapters.rest.settings import LabelKey, RestSettings
from gateway.contract.forms import Form
from gateway.contract.settings import ClientTlsSettings, Count, Octets, Seconds, SourceSettings

PUBSUB_SCOPE = "https://www.googleapis.com/auth/pubsub"
SCOPES = ("https://www.googleapis.com/auth/cloud-healthcare", PUBSUB_SCOPE)
CLOCKS_SECONDS = 60.0
"""By so much the clocks of the store and of this machine may differ without a message being lost at the first start."""
PULL_SECONDS = 120.0
"""Longest silence of Pub/Sub during a pull, which waits for a first message."""
NOT_A_STORE = (
    "must be the address of an HL7v2 store of the Cloud Healthcare API, "
    "https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/hl7V2Stores/S"
)
NOT_A_DICOM_STORE = (
    "must be the address of a DICOM store of the Cloud Healthcare API, without /dicomWeb: "
    "https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/dicomStores/S"
)
NOT_A_FHIR_STORE = (
    "must be the address of a FHIR store of the Cloud Healthcare API, without /fhir: "
    "https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/fhirStores/S"
)
SubscriptionName = Annotated[
    str,
    Form(r"projects/[^/\s]+/subscriptions/[^/\s]+", "must be projects/PROJECT/subscriptions/NAME"),
]
OTHER_KINDS = {
    "/hl7V2Stores/": "is the address of an HL7v2 store; write `kind: pubsub`",
    "/dicomStores/": "is the address of a DICOM store; write `kind: pubsub_dicom`",
    "/fhirStores/": "is the address of a FHIR store; write `kind: pubsub_fhir`",
}


def _is_hl7v2_store(url: str) -> str:
    return _checked(url, HL7V2_STORE, "/hl7V2Stores/", NOT_A_STORE)


def _is_dicom_store(url: str) -> str:
    return _checked(url, DICOM_STORE, "/dicomStores/", NOT_A_DICOM_STORE)


def _is_fhir_store(url: str) -> str:
    return _checked(url, FHIR_STORE, "/fhirStores/", NOT_A_FHIR_STORE)


def _checked(url: str, form: re.Pattern[str], kind: str, otherwise: str) -> str:
    check_url(url)
    for other, sentence in OTHER_KINDS.items():
        if other != kind and other in url:
            raise ValueError(sentence)
    if form.match(url.rstrip("/")) is None:
        raise ValueError(otherwise)
    return url


def _is_start(text: str) -> str:
    if text not in ("now", "oldest") and read_instant(text) is None:
        raise ValueError("must be `now`, `oldest`, or a time such as 2026-01-31T08:00:00Z")
    return text


class FetchSettings(SourceSettings):
    """The settings of every listener that fetches what a store tells of by Pub/Sub."""

    subscription: SubscriptionName
    """The subscription to the topic in the store's ``notificationConfigs``. It must be one that is pulled."""
    store: str
    """Address of the store."""
    pubsub_url: Annotated[str, AfterValidator(check_url)] = "https://pubsub.googleapis.com"
    """Address of Pub/Sub: http or https, without a path."""
    acknowledge: Literal["relay", "commit"] = "commit"
    """When a notification is acknowledged and the next message is delivered: when the message is durable in the spool
    (`commit`), or when the destination has it (`relay`). With `commit` a message that the destination refuses is
    parked; with `relay` see ``on_refused``."""
    on_refused: Literal["hold", "skip"] = "hold"
    """What happens to a message that is refused. In relay mode the destination refuses it: by a final answer, by the
    10th answer in a row that will probably stay the same, or because 20 attempts of at least an hour remained without
    an answer. In both modes it may be that Hilum refuses it: it has no MSH segment, the store's reply is larger than
    ``max_reply_bytes``, or could not be read 10 times. `hold` tries it again, with pauses of up to a minute (an hour
    if each attempt may have stored it), and holds all later ones of an HL7v2 store until it is taken, or is deleted
    from the store. `skip` logs an error, counts it and goes on."""
    credentials: CredentialSettings = NoCredentials()
    """How Hilum authenticates to the store and to Pub/Sub. For the kind `google` the default scopes are those of
    both."""
    tls: ClientTlsSettings | None = None
    """CAs that Hilum trusts for the store and Pub/Sub, and the client certificate that it presents; by default the
    system's CAs and no certificate."""
    proxy: ProxySettings | None = None
    """Proxy on the way to the store, to Pub/Sub and to the token endpoint; by default there is none."""
    allow_cleartext: bool = False
    """Whether credentials may go to a host other than this machine with `http://`, where everybody on the way can read
    them."""
    connections: Count = Field(default=16, ge=2)
    """Most connections to the store at once; Pub/Sub gets up to 4 more."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""
    read_seconds: Seconds = Field(default=60, gt=0)
    """Longest silence of the store while its reply is awaited."""
    total_seconds: Seconds = Field(default=120, gt=0)
    """Longest time for one request to the store."""
    max_reply_bytes: Octets = Field(default=96 * 1024 * 1024, ge=1024)
    """Largest reply with a message or an instance, which is held in memory; one that is larger is not delivered. An
    HL7v2 message is in base64, so it has at most three quarters of this size."""

    _store_client: RestSettings = PrivateAttr()
    _pubsub_client: RestSettings = PrivateAttr()

    @model_validator(mode="after")
    def _both_can_be_reached(self) -> Self:
        if "/" in self.pubsub_url.split("//", 1)[1].rstrip("/"):
            raise ValueError("pubsub_url must have no path")
        if len({self.store.split(":", 1)[0], self.pubsub_url.split(":", 1)[0]}) > 1 and self.tls is not None:
            raise ValueError("tls has no effect with http://; change store and pubsub_url to https:// or remove tls")
        self._store_client = self._client(self.store, self.connections, self.read_seconds, self.total_seconds)
        self._pubsub_client = self._client(self.pubsub_url, 4, PULL_SECONDS, PULL_SECONDS + 10)
        return self

    def _client(self, url: str, connections: int, read_seconds: float, total_seconds: float) -> RestSettings:
        credentials: Any = self.credentials
        if isinstance(credentials, GoogleCredentials) and "scopes" not in credentials.model_fields_set:
            credentials = credentials.model_copy(update={"scopes": SCOPES})
        return RestSettings(
            url=url,
            credentials=credentials,
            tls=self.tls,
            proxy=self.proxy,
            allow_cleartext=self.allow_cleartext,
            connections=connections,
            connect_seconds=self.connect_seconds,
            read_seconds=read_seconds,
            total_seconds=total_seconds,
            max_reply_bytes=max(self.max_reply_bytes, 16 * 1024 * 1024),
        )

    @property
    def clients(self) -> tuple[RestSettings, RestSettings]:
        """The settings of the clients that ask the store and Pub/Sub."""
        return self._store_client, self._pubsub_client

    @property
    def subscription_url(self) -> str:
        """The address of the subscription."""
        return f"{self.pubsub_url.rstrip('/')}/v1/{self.subscription}"

    @property
    def reads(self) -> str:
        """The address that it reads from."""
        return self.store.rstrip("/")

    @property
    def most_descriptors(self) -> int:
        """Most file descriptors that it needs."""
        return self.connections + 8

    @property
    def host(self) -> str:
        """The host of the store, without its port."""
        return urlsplit(self.store).hostname or ""


class PubsubSettings(FetchSettings):
    """A listener that fetches the new messages of an HL7v2 store, which tells of them by Pub/Sub."""

    kind: Literal["pubsub"]
    """New messages of an HL7v2 store of the Cloud Healthcare API, in the order of their creation. Notifications have no
    order and get lost, so Hilum takes them as a reason to list the store, and lists it now and then without one."""
    store: Annotated[str, AfterValidator(_is_hl7v2_store)]
    """Address of the HL7v2 store: https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/hl7V2Stores/S"""
    start: Annotated[str, AfterValidator(_is_start)] = "now"
    """Which messages are delivered when this listener reads the store for the first time: those created from `now` on
    by the store's clock (from a minute before), all (`oldest`), or those from a time on (`2026-01-31T08:00:00Z`).
    Later starts go on where the last one ended."""
    settle_seconds: Seconds = Field(default=2, ge=0, le=600)
    """For how long a message must be known before it is delivered, so that one that was created before it and becomes
    visible after it is not overtaken. Each message is delayed by this time."""
    reconcile_seconds: Seconds = Field(default=60, ge=1)
    """How often the store is listed without a notification: so long a message may wait whose notification is lost."""
    look_back_seconds: Seconds = Field(default=300, ge=0, le=86400)
    """How far back such a list goes. A message that became visible so late is delivered, after newer ones. One of which
    a notification tells is delivered however late the list shows it: it is then asked for by its name."""
    condition: str = ""
    """A further condition for the store's list, in the language of the filter of `messages.list`:
    `message_type = "ORU"`. Messages that do not meet it are not delivered."""
    own_label: LabelKey | None = "hilum"
    """Messages with this label are not delivered, because Hilum has ingested them (see ``labels`` of the destination
    `hl7v2_store`), nor are those whose names Hilum has remembered when it ingested them. `null` delivers all of these,
    too, so make sure that they do not come back to the store. Put `NOT labels."hilum":*` into the ``filter`` of the
    store's ``notificationConfigs`` as well, to be spared the notifications."""
    order_by: Literal["peer", "patient", "none"] = "peer"
    """In commit mode, which messages are delivered in the order of their creation: all of the store (`peer`), those of
    one patient (`PID-3`), or none."""
    charset: str | None = None
    """Character set of the messages, as a name of HL7 table 0211, whatever `MSH-18` says."""

    @property
    def condition_of_list(self) -> str:
        """The condition that messages in the store's list meet, besides that on their creation."""
        own = [f'NOT labels."{self.own_label}":*'] if self.own_label else []
        return " AND ".join([*own, *([f"({self.condition})"] if self.condition.strip() else [])])

    def first(self, now: float) -> int:
        """Return from which creation time on messages are delivered, at the first start."""
        if self.start == "now":
            return int((now - CLOCKS_SECONDS) * SECOND)
        return 0 if self.start == "oldest" else read_instant(self.start) or 0


class PubsubDicomSettings(FetchSettings):
    """A listener that fetches the new instances of a DICOM store, which tells of them by Pub/Sub."""

    kind: Literal["pubsub_dicom"]
    """New instances of a DICOM store of the Cloud Healthcare API, in no order. A notification that the store could not
    publish is lost, and so is its instance: a DICOM store cannot be asked what is new."""
    store: Annotated[str, AfterValidator(_is_dicom_store)]
    """Address of the DICOM store: https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/dicomStores/S"""
    settle_seconds: Seconds = Field(default=2, ge=0, le=600)
    """Seconds from a notification to the fetch. By then it is known whether Hilum has stored the instance itself; such
    an instance is not delivered."""

    @property
    def reads(self) -> str:
        """The DICOMweb root that it reads from."""
        return f"{self.store.rstrip('/')}/dicomWeb"


class PubsubFhirSettings(FetchSettings):
    """A listener that fetches the changed resources of a FHIR store, which tells of them by Pub/Sub."""

    kind: Literal["pubsub_fhir"]
    """New and changed resources of a FHIR store of the Cloud Healthcare API, each in the version that the store has
    when it is fetched: several changes within ``settle_seconds`` are one message. Deletions are not passed on. A
    notification that the store could not publish is lost, and so is that change until the next one of the resource.
    The store's ``notificationConfigs`` need no `sendFullResource`: of a whole resource only the name is read."""
    store: Annotated[str, AfterValidator(_is_fhir_store)]
    """Address of the FHIR store: https://healthcare.googleapis.com/v1/projects/P/locations/L/datasets/D/fhirStores/S"""
    settle_seconds: Seconds = Field(default=2, ge=0, le=600)
    """Seconds from the first notification about a resource to its fetch: changes in this time are fetched together. By
    then it is known whether Hilum has written the version itself."""
    own_tag: Annotated[str, Form(r"[^|\s]*\|[^|\s]+", "must be SYSTEM|CODE")] | None = None
    """Resources with this tag (`meta.tag`, as SYSTEM|CODE) are not delivered, because Hilum or another gateway has
    written them. Whoever changes such a resource has to remove the tag, or the change is not delivered either."""
    deliver_own: bool = False
    """Whether versions are delivered that this gateway has written into the store by a destination `fhir_store`, which
    remembers them. A version that others have written is always delivered, as is the one that Hilum has written after
    it within ``settle_seconds``."""
    order_by: Literal["peer", "patient"] = "patient"
    """In commit mode, which resources are delivered in the order in which they were fetched: those of one patient
    (`patient`), with each resource that names none for itself; or all of the store (`peer`). So an older version of a
    resource never replaces a newer one."""

    @property
    def reads(self) -> str:
        """The base of the store that it reads from."""
        return f"{self.store.rstrip('/')}/fhir"

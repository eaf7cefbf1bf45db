"""Settings of a subscription to the notifications of buckets."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from adapters.events.settings import PUBSUB_SCOPE, PULL_SECONDS, SubscriptionName
from adapters.rest.credentials.settings import CredentialSettings, GoogleCredentials, NoCredentials, ProxySettings
from adapters.rest.http.urls import check_url
from adapters.rest.settings import RestSettings
from gateway.contract.settings import ClientTlsSettings, Seconds, Settings

CONNECTIONS = 4
"""One waits for notifications; the others acknowledge and extend deadlines."""


class BucketNotificationsSettings(Settings):
    """What buckets of Google Cloud Storage tell by Pub/Sub, for `hilum pipeline run --watch`."""

    subscription: SubscriptionName
    """The subscription to the topic to which the buckets' notifications go. It must be one that is pulled, and nobody
    else may pull from it."""
    pubsub_url: Annotated[str, AfterValidator(check_url)] = "https://pubsub.googleapis.com"
    """Address of Pub/Sub: http or https, without a path."""
    settle_seconds: Seconds = Field(default=5, ge=0, le=3600)
    """How long after the first notification the buckets are looked at, so that one run takes all objects of an
    upload."""
    credentials: CredentialSettings = NoCredentials()
    """How Hilum authenticates to Pub/Sub. Notifications hold names of objects, so this is a credential of the
    identified side. For the kind `google` the default scope is that of Pub/Sub."""
    tls: ClientTlsSettings | None = None
    """CAs that Hilum trusts for Pub/Sub, and the client certificate that it presents; by default the system's CAs and
    no certificate."""
    proxy: ProxySettings | None = None
    """Proxy on the way to Pub/Sub and to the token endpoint; by default there is none."""
    allow_cleartext: bool = False
    """Whether credentials may go to a host other than this machine with `http://`, where everybody on the way can read
    them."""
    connect_seconds: Seconds = Field(default=5, gt=0)
    """Longest wait for a connection."""

    _client: RestSettings = PrivateAttr()

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if "/" in self.pubsub_url.split("//", 1)[1].rstrip("/"):
            raise ValueError("pubsub_url must have no path")
        credentials: Any = self.credentials
        if isinstance(credentials, GoogleCredentials) and "scopes" not in credentials.model_fields_set:
            credentials = credentials.model_copy(update={"scopes": (PUBSUB_SCOPE,)})
        self._client = RestSettings(
            url=self.pubsub_url,
            credentials=credentials,
            tls=self.tls,
            proxy=self.proxy,
            allow_cleartext=self.allow_cleartext,
            connections=CONNECTIONS,
            connect_seconds=self.connect_seconds,
            read_seconds=PULL_SECONDS,
            total_seconds=PULL_SECONDS + 10,
        )
        return self

    @property
    def client(self) -> RestSettings:
        """The settings of the client that asks Pub/Sub."""
        return self._client

    @property
    def subscription_url(self) -> str:
        """The address of the subscription."""
        return f"{self.pubsub_url.rstrip('/')}/v1/{self.subscription}"

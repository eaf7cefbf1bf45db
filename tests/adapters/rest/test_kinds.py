"""The kinds of destination over HTTP."""

import ssl
from collections.abc import Callable

import pytest

from adapters.rest.credentials.opening import Credentials
from adapters.rest.kinds import CREDENTIALS, DICOMWEB, HL7V2_STORE, HTTP
from gateway.contract.kind import CredentialKind, DestinationKind, Tools
from gateway.contract.settings import ClientTlsSettings

KINDS = {"hl7v2_store": HL7V2_STORE, "http": HTTP, "dicomweb": DICOMWEB}


def no_context(place: str, settings: ClientTlsSettings | None) -> Callable[[], ssl.SSLContext]:
    """Return what nobody calls."""
    return ssl.create_default_context


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_open(kind: DestinationKind) -> None:
    """Each kind opens a destination of the given name, shown by its address."""
    settings = kind.settings.model_validate({"kind": kind.name, "url": "https://store.example/x"})
    tools = Tools(no_context, {each.name: each for each in CREDENTIALS})
    async with kind.open("out", settings, tools) as store:
        assert ("out", "https://store.example/x") == (store.name, store.address)


async def test_contexts_and_credentials() -> None:
    """The contexts are asked for by their place in the configuration, and credentials are opened by the table."""
    places, opened = [], []

    def context(place: str, _: ClientTlsSettings | None) -> Callable[[], ssl.SSLContext]:
        places.append(place)
        return ssl.create_default_context

    def open_none(settings: object, _: object) -> Credentials:
        opened.append(settings)
        return Credentials(settings)  # type: ignore[arg-type]

    settings = HTTP.settings.model_validate({"kind": "http", "url": "https://store.example/"})
    none = CREDENTIALS[0]
    async with HTTP.open("out", settings, Tools(context, {"none": CredentialKind("none", none.settings, open_none)})):
        pass
    assert ["destinations.out.credentials.tls", "destinations.out.tls"] == sorted(places)
    assert ["none"] == [each.kind for each in opened]  # type: ignore[attr-defined]

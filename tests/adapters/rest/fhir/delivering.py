"""Delivers messages to a FHIR store in the test's own loop."""

from collections.abc import Iterable
from typing import Any

from adapters.fhir.convert import Conversion, convert
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.store import FhirStore
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome
from tests.adapters.fhir.making import BERLIN


def converted(message: bytes) -> bytes:
    """Return the bundle of a message."""
    made = convert(message, BERLIN)
    assert isinstance(made, Conversion)
    return made.encoded()


async def deliver(url: str, bodies: Iterable[bytes], **settings: Any) -> tuple[list[Outcome], list[str]]:
    """Return the outcome of each body, and what became of the resources."""
    counted: list[str] = []
    made = FhirStoreSettings(kind="fhir_store", url=url, **settings)
    async with FhirStore("records", made, count=counted.append) as store:
        return [await store.deliver(Message("1", WholeBody(each), {}, {})) for each in bodies], counted

"""The replies of Pub/Sub and of a store that is read from: what cannot be read is no reply, and leads nowhere else."""

from adapters.events.fhir.resource import Resource, ResourceAddresses, name_in, read_resource
from adapters.events.hl7v2.listing import Addresses, Fetched, Page, read_message, read_page
from adapters.events.instants import read_instant, written
from adapters.events.pubsub.pull_reply import Notification, read_pull, read_terms

STORE = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
URL = f"https://store.example/v1/{STORE}"
ADDRESSES = Addresses(URL, "")
FHIR_STORE = "projects/p/locations/l/datasets/d/fhirStores/s"
FHIR_URL = f"https://store.example/v1/{FHIR_STORE}"
RESOURCES = ResourceAddresses(FHIR_URL)
FULL = {"payloadType": "FullResource", "storeName": FHIR_STORE, "resourceType": "Patient"}


def target(data: bytes) -> None:
    """Read the octets as each kind of reply."""
    page = read_page(data, ADDRESSES)
    if isinstance(page, Page):
        for entry in page.entries:
            assert ADDRESSES.message(entry.name).startswith(f"{URL}/messages/")
            read_instant(written(max(0, entry.created)))
            assert {".", ".."}.isdisjoint(ADDRESSES.message(entry.name).split("/"))
    message = read_message(data, f"{STORE}/messages/abc=")
    assert not isinstance(message, Fetched) or message.data
    pulled = read_pull(data)
    if isinstance(pulled, list):
        assert all(each.ack_id and each.name.isascii() for each in pulled)
    for name in [name_in(data, {}), name_in(data, FULL), *([each.name for each in _resources(data)])]:
        if RESOURCES.is_name(name):
            parts = RESOURCES.resource(name).removeprefix(f"{FHIR_URL}/fhir/").split("/")
            assert len(parts) == 2
            assert {"", ".", ".."}.isdisjoint(parts)
    resource = read_resource(data, f"{FHIR_STORE}/fhir/Patient/7")
    assert not isinstance(resource, Resource) or resource.kind == "Patient"
    read_terms(data)


def _resources(data: bytes) -> list[Notification]:
    pulled = read_pull(data, name_in)
    return pulled if isinstance(pulled, list) else []

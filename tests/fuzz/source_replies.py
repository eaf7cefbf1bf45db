"""The replies of Pub/Sub and of a store that is read from: what cannot be read is no reply, and leads nowhere else."""

from adapters.events.hl7v2.listing import Addresses, Fetched, Page, read_message, read_page
from adapters.events.instants import read_instant, written
from adapters.events.pubsub.pull_reply import read_pull, read_terms

STORE = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
URL = f"https://store.example/v1/{STORE}"
ADDRESSES = Addresses(URL, "")


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
    read_terms(data)

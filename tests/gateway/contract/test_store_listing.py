"""What a store holds is told item by item."""

import io

from gateway.contract.errors import GatewayError
from gateway.contract.store_listing import Item, ListingError


async def test_item() -> None:
    """An item writes itself to a file; a listing that fails is an error of the gateway."""

    async def fetch(file: object) -> None:
        assert isinstance(file, io.BytesIO)
        file.write(b"1")

    file = io.BytesIO()
    assert await Item("Patient/1", fetch).fetch(file) is None
    assert file.getvalue() == b"1"
    assert issubclass(ListingError, GatewayError)

"""The instances of a DICOMweb store are listed once each, whatever its pages are like."""

import io
import json

import pytest

from adapters.rest.listing import dicom
from adapters.rest.listing.dicom import DicomListing
from gateway.contract.outcome import Unavailable
from gateway.contract.store_listing import Item, ListingError
from tests.adapters.rest.listing.support import ROOT, Answer, Store, client

STUDY, SERIES, INSTANCE = "0020000D", "0020000E", "00080018"


def page(*results: dict[str, str]) -> Answer:
    """Return a page of QIDO-RS."""
    found = [{tag: {"vr": "UI", "Value": [value]} for tag, value in each.items()} for each in results]
    return 200, json.dumps(found).encode()


def instances(*numbers: int) -> Answer:
    """Return a page of instances of one series."""
    return page(*({SERIES: "1.5", INSTANCE: f"1.9.{number}"} for number in numbers))


async def listed(store: Store) -> list[Item]:
    """Return all items."""
    return [each async for each in DicomListing(client(store), ROOT).items()]


async def test_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of studies and instances are read; an empty one ends them, with or without content."""
    monkeypatch.setattr(dicom, "STUDIES", 1)
    monkeypatch.setattr(dicom, "INSTANCES", 2)
    store = Store(
        {
            "/studies?limit=1&offset=0": page({STUDY: "1.1"}),
            "/studies?limit=1&offset=1": page({STUDY: "1.2"}),
            "/studies?limit=1&offset=2": (204, b""),
            "/studies/1.1/instances?limit=2&offset=0": instances(1, 2),
            "/studies/1.1/instances?limit=2&offset=2": instances(3),
            "/studies/1.1/instances?limit=2&offset=3": (200, b"[]"),
            "/studies/1.2/instances?limit=2&offset=0": (204, b""),
        }
    )
    assert [each.name for each in await listed(store)] == [
        f"studies/1.1/series/1.5/instances/1.9.{number}" for number in (1, 2, 3)
    ]


async def test_without_offset() -> None:
    """A store that gives the same page again and again is read once."""
    store = Store(
        {
            "/studies?limit=200&offset=0": page({STUDY: "1.1"}),
            "/studies?limit=200&offset=1": page({STUDY: "1.1"}),
            "/studies/1.1/instances?limit=1000&offset=0": instances(1, 2),
            "/studies/1.1/instances?limit=1000&offset=2": instances(1, 2),
        }
    )
    assert len(await listed(store)) == 2


@pytest.mark.parametrize("answer", [(200, b"Smith"), (200, b"{}"), page({STUDY: "1.1/../x"}), page({}), (404, b"")])
async def test_not_said(answer: Answer) -> None:
    """An answer that is no list of studies with valid UIDs is an error: nothing is passed over."""
    with pytest.raises(ListingError) as caught:
        await listed(Store({"/studies?limit=200&offset=0": answer}))
    assert "Smith" not in str(caught.value)


WHOLE = b"--X\r\nContent-Type: application/dicom\r\n\r\n" + b"\0" * 128 + b"DICM12\r\n--X--\r\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, WHOLE), None),
        ((200, WHOLE[:-9]), "ends before"),
        (Unavailable("the store cannot be reached"), "cannot be reached"),
        ((404, b""), "does not give back"),
        ((405, b""), "does not give it back"),
    ],
)
async def test_fetched(answer: Answer, reason: str | None) -> None:
    """An instance is taken out of its part; one that is not whole, or not there, is told."""
    name = "studies/1.1/series/1.5/instances/1.9.1"
    store = Store({"/studies?limit=200&offset=0": page({STUDY: "1.1"}), "/studies?limit=200&offset=1": (204, b""),
                   "/studies/1.1/instances?limit=1000&offset=0": instances(1),
                   "/studies/1.1/instances?limit=1000&offset=1": (204, b""), f"/{name}": answer})  # fmt: skip
    (item,) = await listed(store)
    file = io.BytesIO()
    failure = await item.fetch(file)
    if reason is None:
        assert failure is None
        assert file.getvalue() == b"\0" * 128 + b"DICM12"
    else:
        assert failure is not None
        assert reason in failure.reason

"""The instances of a DICOMweb store: QIDO-RS for its studies, QIDO-RS for the instances of each, WADO-RS for each.

Studies are asked for in pages, by their number: a study that is deleted meanwhile may hide another one, which the next
run finds. An address is made of valid UIDs only.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import IO

from adapters.rest.dicomweb.dicom_json import (
    SERIES_INSTANCE_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
    is_data_set,
    uid,
)
from adapters.rest.dicomweb.holdings import Holdings
from adapters.rest.dicomweb.part_reader import PartReader
from adapters.rest.http.client import Client
from adapters.rest.listing.asking import NOT_SAID, ask
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.message import UID
from gateway.contract.outcome import Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.store_listing import Item, ListingError

STUDIES, INSTANCES = 200, 1000
"""Results on one page."""
JSON = "application/dicom+json"
NOT_WHOLE = Unavailable(
    "the store's reply ends before the instance does",
    outlook=Outlook.DOUBTFUL,
    diagnosis=Diagnosis(Cause.CONNECTION_BROKE),
)


class DicomListing:
    """The store behind *client*, whose root is *root*."""

    def __init__(self, client: Client, root: str) -> None:
        self._client, self._root = client, root.rstrip("/")
        self._holdings = Holdings(client, self._root)

    async def items(self) -> AsyncIterator[Item]:
        """Yield each instance, study by study."""
        async for (study,) in self._pages("studies", STUDIES, STUDY_INSTANCE_UID):
            place = f"studies/{study}"
            keys = SERIES_INSTANCE_UID, SOP_INSTANCE_UID
            async for series, instance in self._pages(f"{place}/instances", INSTANCES, *keys):
                name = f"{place}/series/{series}/instances/{instance}"
                yield Item(name, partial(self._fetch, name))

    async def _pages(self, resource: str, most: int, *keys: str) -> AsyncIterator[tuple[str, ...]]:
        """Yield the UIDs of each result, until a page has nothing new."""
        seen, offset = set[tuple[str, ...]](), 0
        while True:
            page = await ask(self._client, f"{self._root}/{resource}?limit={most}&offset={offset}", JSON)
            found = await asyncio.to_thread(_decoded, page) if page else []
            if not isinstance(found, list) or not all(map(is_data_set, found)):
                raise ListingError(NOT_SAID.format("its answer to QIDO-RS is no list of data sets"))
            named = [tuple(uid(each, key) or "" for key in keys) for each in found]
            if not all(UID.fullmatch(each) for uids in named for each in uids):
                raise ListingError(NOT_SAID.format("a result of QIDO-RS has no valid UIDs"))
            new = [uids for uids in dict.fromkeys(named) if uids not in seen]
            if not new:  # also of a store that ignores `offset`
                return
            seen.update(new)
            for uids in new:
                yield uids
            offset += len(named)

    async def _fetch(self, name: str, file: IO[bytes]) -> Unavailable | None:
        reader = PartReader(lambda piece: _put(file, piece))

        def sink(piece: bytes) -> bool:
            reader.update(piece)
            return True

        failure = await self._holdings.retrieve(f"{self._root}/{name}", sink)
        if isinstance(failure, Unavailable):
            return failure
        if failure is not None:
            return Unavailable(failure.reason, outlook=Outlook.FINAL, diagnosis=failure.diagnosis)
        return None if reader.finish() else NOT_WHOLE


def _put(file: IO[bytes], piece: bytes) -> None:
    file.write(piece)


def _decoded(page: bytes) -> object:
    try:
        return json.loads(page)
    except (ValueError, RecursionError):
        return None

"""Other projects' HL7 messages in a FHIR store: the strict store of the sandbox takes each bundle, and twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.fhir.convert import Conversion, convert
from adapters.rest.fhir import store as store_module
from adapters.rest.fhir.entries import read_entries
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.store import FhirStore
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Stored
from gateway.sandbox.server import Sandbox
from tests.corpus.test_fhir_corpus import OPTIONS, listed
from tests.corpus.test_hl7_corpus import FILES, name

pytestmark = [
    pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository"),
    pytest.mark.slow,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
ANOTHERS = Counter({"microsoft": 8, "ruby-hl7": 6, "cdc-dex": 5})
"""How many samples have the number of a thing of another patient before them: numbers of samples are made up."""
FOLDERS = sorted({name(each).partition("/")[0] for each in FILES})


def bundles(folder: str, most: int | None = None) -> Iterator[tuple[Path, Conversion]]:
    """Yield the bundles of the messages in a folder; with *most* one of each shape, and none with more entries."""
    seen = set[Any]()
    for path in (each for each in FILES if name(each).startswith(f"{folder}/")):
        for data in listed(path):
            made = convert(data, OPTIONS[0])
            if isinstance(made, Conversion):
                shape = frozenset(Counter(each.kind for each in made.bundle).items())
                if most is None or (len(list(made.bundle)) <= most and shape not in seen):
                    seen.add(shape)
                    yield path, made


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliver everything at one moment: a time in the future counts as the time of delivery."""
    monkeypatch.setattr(store_module, "read_entries", partial(read_entries, now=datetime.now(UTC)))


@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize("folder", FOLDERS)
async def test_corpus(folder: str, tmp_path: Path) -> None:
    """Each bundle is stored; sent again at once it changes its Provenance only; another patient's thing is refused."""
    wrong: list[str] = []
    counted: list[str] = []
    anothers = 0
    async with Sandbox(tmp_path) as sandbox:
        settings = FhirStoreSettings(kind="fhir_store", url=sandbox.fhir_url())
        async with FhirStore("records", settings, count=counted.append) as store:
            for path, made in bundles(folder):
                message = Message("1", WholeBody(made.encoded()), {}, {})
                first = await store.deliver(message)
                counted.clear()
                second = await store.deliver(message)
                if isinstance(first, Refused) and "is another patient's" in first.reason:
                    anothers += 1
                elif not (isinstance(first, Stored) and isinstance(second, Stored)):
                    wrong.append(f"{name(path)}: {getattr(first, 'reason', '')} {getattr(second, 'reason', '')}")
                elif counted.count("updated") > 1 or {"created", "patched"} & set(counted):
                    wrong.append(f"{name(path)}: {Counter(counted)}")
    assert (ANOTHERS[folder], []) == (anothers, wrong)

"""Other projects' HL7 messages as FHIR: each is a good bundle, or is refused for a good reason."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.fhir.adt import NO_PATIENT, NO_PATIENT_ID
from adapters.fhir.context import Options
from adapters.fhir.convert import CONVERTERS, NOT_CONVERTED, Conversion, convert
from adapters.fhir.siu import NO_APPOINTMENT
from adapters.hl7.charset import UNDECODABLE, UNKNOWN
from adapters.hl7.er7 import Header
from adapters.mllp.sending.files import messages_in
from tests.adapters.fhir.judges import judge
from tests.corpus.test_hl7_corpus import FILES, name

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")

OPTIONS = [Options(), Options(ZoneInfo("America/New_York"), keep_source=True, account_is_visit=True)]
REFUSALS = {each.reason for each in (NO_PATIENT, NO_PATIENT_ID, NO_APPOINTMENT, UNKNOWN, UNDECODABLE)}
DELIMITERS = {"cdc-dex/Lyme_WithBadDelimiters.txt"}
"""Files in which the delimiters of MSH-2 are not those of the message."""


def listed(path: Path) -> Iterator[bytes]:
    """Yield the messages of the types that are converted."""
    for data in messages_in(path.read_bytes()):
        header = Header.parse(data)
        if header is not None and (header.text(9), header.text(9, 2)) in CONVERTERS:
            yield data


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=name)
@pytest.mark.parametrize("options", OPTIONS, ids=["defaults", "all settings"])
def test_bundles(path: Path, options: Options) -> None:
    """No message raises; each bundle passes all judges, and is the same the second time."""
    for data in listed(path):
        made = convert(data, options)
        if isinstance(made, Conversion):
            assert [] == judge(json.loads(made.encoded()))
            again = convert(data, options)
            assert isinstance(again, Conversion)
            assert made.encoded() == again.encoded()
        else:
            assert made.reason in REFUSALS or (name(path) in DELIMITERS and made == NOT_CONVERTED)


def test_share(record_property: Callable[[str, object], None]) -> None:
    """Most messages are converted; those that are not have no patient's identifier."""
    counts = Counter(
        "converted" if isinstance(made := convert(data, OPTIONS[1]), Conversion) else made.reason
        for path in FILES
        for data in listed(path)
    )
    for fate, count in counts.items():
        record_property(fate, count)
        print(f"{count:5} {fate}")  # noqa: T201  the counts are a result
    assert counts["converted"] > 0.85 * counts.total()
    assert counts.keys() <= {"converted", *REFUSALS, NOT_CONVERTED.reason}

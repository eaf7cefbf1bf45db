"""Every HL7 file of the corpus, de-identified: nothing of PID, NK1, GT1 and IN1 is left, and others can read it."""

import re
from datetime import date
from pathlib import Path

import hl7
import pytest
from hl7apy.exceptions import HL7apyException
from hl7apy.parser import parse_message

from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.pseudonyms.domains import Domains, Patient
from adapters.deidentify.settings import Hl7v2Profile
from adapters.hl7 import batch
from adapters.hl7.charset import decode
from adapters.hl7.er7 import Header
from tests.adapters.deidentify.hl7v2.scanner import leaks
from tests.adapters.deidentify.hl7v2.support import PSEUDONYMS
from tests.corpus.test_hl7_corpus import FILES, name, payloads

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository")
DAY = re.compile(r"(19|20)\d{6}", re.ASCII)


class AnyAuthority(Domains):
    """One domain for all: the corpus comes from hundreds of hospitals."""

    def __init__(self) -> None:
        super().__init__({})

    def patient(self, form: str, authorities: tuple[str, ...], number: str) -> Patient:
        """Return the patient with this number."""
        return Patient("corpus", number)


REMOVING, CLEANING, CUTTING, CUTTING_AND_CLEANING = (
    Hl7v2Transformer(Hl7v2Profile(profile=profile, text=text), PSEUDONYMS, AnyAuthority())
    for profile in ("limited", "safe_harbor")
    for text in ("remove", "known_identifiers")
)
YEARS_ONLY = (CUTTING, CUTTING_AND_CLEANING)


def texts(data: bytes) -> str:
    """Return a message as text."""
    header = Header.parse(data)
    assert header is not None
    text = decode(data, header.charsets())
    assert isinstance(text, str)
    return text


def spans(text: str) -> list[int | None]:
    """Return the days from MSH-7 to OBR-7 of each order; None where one of them is missing."""
    lines = [line.split(text[3]) for line in re.split(r"[\r\n]+", text)]
    sent = next((_day(line[6]) for line in lines if line[0] == "MSH" and len(line) > 6), None)
    seen = [_day(line[7]) if len(line) > 7 else None for line in lines if line[0] == "OBR"]
    return [None if sent is None or each is None else each - sent for each in seen]


def _day(field: str) -> int | None:
    if not DAY.match(field):
        return None
    try:
        return date(int(field[:4]), int(field[4:6]), int(field[6:8])).toordinal()
    except ValueError:
        return None


@pytest.mark.timeout(900)  # one of the files has a thousand messages
@pytest.mark.parametrize("path", FILES, ids=name)
def test_nothing_is_left(path: Path) -> None:
    """Each message is held back, or says nothing of its patient; the days between its dates stay."""
    for payload in payloads(path):
        for each in batch.cut(payload).messages:
            message = bytes(each)
            for engine in (REMOVING, CLEANING, *YEARS_ONLY):
                try:
                    made, _ = engine.transform(message)
                except HeldBackError:
                    continue
                before, after = texts(message), texts(made)
                assert not leaks(before, after)
                if engine not in YEARS_ONLY and before.count("\rPID") + before.count("\nPID") == 1:
                    pairs = zip(spans(before.lstrip("\ufeff\r\n \x0b")), spans(after), strict=True)
                    assert all(one == other for one, other in pairs if other is not None)
                assert hl7.parse(after.replace("\r\n", "\r"))
                if engine in (CLEANING, CUTTING):
                    _parsed(after)


def _parsed(text: str) -> None:
    """Parse with hl7apy, as far as it knows the version and the structure."""
    try:
        found = parse_message(text.replace("\r\n", "\r"), find_groups=False)
    except HL7apyException:
        return  # a version that hl7apy does not know; python-hl7 has read it
    assert found.children


def test_held_back() -> None:
    """Few messages of the corpus are held back: those without a patient number, a PID or a form that can be read."""
    reasons: dict[str, int] = {}
    total = 0
    for path in FILES:
        for payload in payloads(path):
            for each in batch.cut(payload).messages:
                total += 1
                try:
                    REMOVING.transform(bytes(each))
                except HeldBackError as error:
                    reasons[str(error)] = reasons.get(str(error), 0) + 1
    assert total > 1700
    assert sum(reasons.values()) < 0.15 * total

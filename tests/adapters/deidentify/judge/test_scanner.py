"""The scanner finds what is planted: it can fail the engine."""

import base64
import gzip
import zlib
from datetime import date
from random import Random

import pytest

from tests.adapters.deidentify.judge.planting import ENCODINGS, Subject
from tests.adapters.deidentify.judge.scanner import Answers, leaks
from tests.seeds import SEED

RANDOM = Random(SEED)
NOISE = RANDOM.randbytes(20_000)
WHO = Subject(RANDOM)
JOSE = Answers({"Muñoz^José", "山田^太郎"}, {"0048151623"}, {date(1954, 3, 7)}, {"1.3.46.670589.1"})


@pytest.mark.parametrize("how", sorted(ENCODINGS.keys() - {"spaced"}))
def test_planted(how: str) -> None:
    """Each identifier, in each encoding, among octets by chance."""
    for text in (WHO.family, f"{WHO.family}^{WHO.given}", WHO.number, f"{WHO.born:%Y%m%d}", WHO.uid):
        octets = ENCODINGS[how](text).encode("latin-1")
        assert leaks(NOISE[:9000] + b" " + octets + b" " + NOISE[9000:], WHO.answers()), text


@pytest.mark.parametrize(
    "octets",
    [
        "Muñoz".encode(), "muñoz".encode("latin-1"), "MUÑOZ".lower().encode("utf-16-be"), b"Jos\xe9", b"48151623",
        "山田".encode("shift_jis"), "太郎".encode(), "太郎".encode("gb18030"), b"07.03.1954", b"March 1954-03-07",
        b"7 07-Mar-1954", zlib.compress(b"Name 0048151623"), gzip.compress(b"on 19540307", mtime=0), b"1.3.46.670589.1",
        base64.b64encode(b"xx0048151623"), b"%3019540307%0048151623",
    ],
)  # fmt: skip
def test_found(octets: bytes) -> None:
    """Spellings, character sets and streams."""
    assert leaks(b"\0\0 " + octets + b" \0\0", JOSE)


@pytest.mark.parametrize("octets", [NOISE, b"", b"CHEST PA 19540308", b"100481516231", b"1.3.46.7", b"MONOCHROME2"])
def test_nothing(octets: bytes) -> None:
    """No identifier is found where none is."""
    assert not leaks(octets, JOSE)
    assert not leaks(octets, WHO.answers())

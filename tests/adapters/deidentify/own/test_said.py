"""What texts say is remembered for the next header, and is the same then."""

import pytest

from adapters.deidentify.own import said as module
from adapters.deidentify.own.said import LONGEST_REMEMBERED, said

TEXTS = ["Müller^Anne", "U21pdGg=", "1.2.840.99999.7", "a\nb", "", "Müller^Anne"]


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_remembered", {})


def test_each_text() -> None:
    """Each text has its forms, those of what is encoded in it, and its UIDs."""
    name, encoded, uid, two, nothing, again = said(TEXTS)
    assert {"muller anne", "mueller anne"} <= {line.strip() for line in name.lines.split("\n")}
    assert "smith" in encoded.lines.split("\n")
    assert uid.uids == ("1.2.840.99999.7",)
    assert (two.lines, two.uids) == ("a b", ())
    assert (nothing.lines, again) == ("", name)


def test_again() -> None:
    """The second time it is the same, also after others."""
    first = said(TEXTS)
    said(["another text"])
    assert said(TEXTS) == first
    assert said([]) == []


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither long texts nor too many are remembered."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 10)
    said(["x" * (LONGEST_REMEMBERED + 1)])
    assert module._remembered == {}
    for number in range(100):
        said([f"text {number}"])
        assert len(module._remembered) <= 11


@pytest.mark.parametrize("text", ["1" * 200_000, "1." * 100_000, "1.2.3.4" * 30_000])
def test_long_runs_of_digits(text: str) -> None:
    """UIDs are looked for in a time that grows with the length: a test that hangs is one that fails."""
    said([text])

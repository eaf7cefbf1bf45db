"""Names of peers: short, printable, and never empty."""

import pytest

from gateway.contract.peer_names import by_ae_title, by_sender, printable


def test_by_ae_title() -> None:
    """A peer without an AE title is known by its address; a long or odd title is cut and cleaned."""
    assert by_ae_title("CT1", "10.0.0.1") == "CT1"
    assert by_ae_title("  ", "10.0.0.1") == "10.0.0.1"
    assert by_ae_title("A" * 40, "10.0.0.1") == "A" * 16
    assert by_ae_title("CT\x1b[2J", "10.0.0.1") == "CT?[2J"


@pytest.mark.parametrize(
    ("application", "facility", "name"),
    [
        ("HIS", "HOSP", "HIS|HOSP"),
        ("HIS", "", "HIS|"),
        ("", "HOSP", "|HOSP"),
        ("", "", "10.0.0.1"),
        ("A" * 30, "B" * 30, "A" * 30 + "|" + "B" * 9),
        ("H\u202eIS", "\u00e9", "H?IS|\u00e9"),
    ],
)
def test_by_sender(application: str, facility: str, name: str) -> None:
    """A sender of HL7 is known by MSH-3 and MSH-4, or by its address."""
    assert by_sender(application, facility, "10.0.0.1") == name


def test_printable() -> None:
    """Only the beginning of a long text is looked at."""
    assert printable(" " * 1_000_000 + "x", 10) == ""
    assert printable("  x  ", 10) == "x"

"""Random pseudonyms: the same each time with their crosswalk, and others with another one."""

import re
from pathlib import Path

from adapters.deidentify.pseudonyms.domains import Patient
from tests.adapters.deidentify.crosswalk.support import pseudonyms

PATIENT = Patient("hospital", "4815162")


def test_same_again(tmp_path: Path) -> None:
    """Two processes with one file have the same, and those with another file have others."""
    with (
        pseudonyms(tmp_path / "a") as one,
        pseudonyms(tmp_path / "a") as again,
        pseudonyms(tmp_path / "b") as other,
    ):
        assert one.uid("1.2.3") == again.uid("1.2.3")
        assert one.patient(PATIENT) == again.patient(PATIENT) == again.identifier("patient", " 4815162 ", "hospital")
        shifts = [one.shift(Patient("", str(number))) for number in range(20)]
        assert shifts == [again.shift(Patient("", str(number))) for number in range(20)]
        assert one.shift_of_study("1.2.3") == again.shift_of_study("1.2.3")
        assert other.uid("1.2.3") != one.uid("1.2.3")
        assert other.patient(PATIENT) != one.patient(PATIENT)
        assert shifts != [other.shift(Patient("", str(number))) for number in range(20)]


def test_forms(tmp_path: Path) -> None:
    """They are valid where they stand, as keyed ones are."""
    with pseudonyms(tmp_path / "a") as found:
        assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", found.uid("1.2.3"))
        assert re.fullmatch(r"[A-Z2-7]{16}", found.identifier("order", "Größe\udce9"))
        shifts = {found.shift(Patient("", str(number))) for number in range(200)}
        assert min(shifts) >= -364
        assert max(shifts) <= -7
        assert all(each % 7 == 0 for each in shifts)
        assert len(shifts) > 20
        assert found.uid("1.2.840.10008.1.2") == "1.2.840.10008.1.2"


def test_apart(tmp_path: Path) -> None:
    """Another purpose or domain has another pseudonym."""
    with pseudonyms(tmp_path / "a") as found:
        made = {found.identifier("order", "1"), found.identifier("visit", "1"), found.identifier("order", "1", "a")}
        assert len(made) == 3

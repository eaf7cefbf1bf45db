"""What the settings of the step say, and the files that they name."""

from pathlib import Path

import pytest

from adapters.fhir.options import COLUMNS, FIELD_COLUMNS, options_of, read_code_map, read_field_map
from adapters.fhir.settings import zone_of
from adapters.fhir.tables import Code
from tests.adapters.fhir.test_settings import settings

HEAD = ",".join(COLUMNS)


def test_options(tmp_path: Path) -> None:
    """The settings become the options of a conversion."""
    path = tmp_path / "codes.csv"
    path.write_text(f"{HEAD}\n\nAPP,L,KREA,http://loinc.org,2160-0,Creatinine\n")
    found = options_of(settings(timezone="Europe/Berlin", systems={"H": "urn:oid:1.2.3"}, code_maps=[str(path)]))
    assert (zone_of("Europe/Berlin"), "urn:oid:1.2.3") == (found.zone, found.systems.named("H"))
    assert {("APP", "L", "KREA"): Code("2160-0", "http://loinc.org", "Creatinine")} == found.code_maps


FILES = {
    "another first line": ("a,b\n", "line 1 must be"),
    "too few columns": (f"{HEAD}\nAPP,L,KREA\n", "line 2 needs 6 columns"),
    "a relative system": (f"{HEAD}\n,L,KREA,LOINC,1,x\n", "line 2 needs six columns"),
    "no code": (f"{HEAD}\n,L,,http://loinc.org,1,x\n", "line 2 needs six columns"),
    "no CSV": (f'{HEAD}\n"a"b,L,1,2,3,4\n', "is not CSV"),
}


@pytest.mark.parametrize(("text", "reason"), FILES.values(), ids=FILES)
def test_code_map(tmp_path: Path, text: str, reason: str) -> None:
    """A mistake in a file is told with its line, and without its values."""
    path = tmp_path / "codes.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason) as told:
        read_code_map(path)
    assert "KREA" not in str(told.value)


def test_no_file(tmp_path: Path) -> None:
    """A file that is missing, or that is not UTF-8, is told."""
    with pytest.raises(ValueError, match="is no file"):
        read_code_map(tmp_path)
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(ValueError, match="is not UTF-8"):
        read_code_map(tmp_path / "latin")


FIELDS = ",".join(FIELD_COLUMNS)


def test_field_maps(tmp_path: Path) -> None:
    """The rows of several files are used together, by sender and segment."""
    for name, field in (("a", "ZPD-1"), ("b", "ZPD-2")):
        (tmp_path / name).write_text(f"{FIELDS}\nAPP,{field},Patient.extension(https://x.example/{name}),ST,\n")
    found = options_of(settings(field_maps=[str(tmp_path / "a"), str(tmp_path / "b")])).local_rows
    assert [("Patient", 1), ("Patient", 2)] == [(resource, row.number) for resource, row in found["APP", "ZPD"]]


def test_mistake_in_a_field_map(tmp_path: Path) -> None:
    """A mistake is told with its line, and without its values."""
    (tmp_path / "a").write_text(f"{FIELDS}\nAPP,ZPD-1,Patient.secret,ST,\n")
    with pytest.raises(ValueError, match="line 2 names an element") as told:
        read_field_map(tmp_path / "a")
    assert "secret" not in str(told.value)

"""The tables of rows and codes, compared with R4."""

import re

import pytest

from adapters.fhir.functions import FUNCTIONS
from adapters.fhir.tables import HL7_EXTENSIONS, Row, codes, owned_name, rows, steps, table_names
from tests.adapters.fhir.judges import ABSOLUTE, Element, bindings, children

BASES = {
    "NK1-Contact": "Patient.contact",
    "AIG-Participant": "Appointment.participant",
    "AIL-Participant": "Appointment.participant",
    "AIP-Participant": "Appointment.participant",
    "GT1-Guarantor": "Account.guarantor",
    "ROL-Participant": "Encounter.participant",
    "ROL-Performer": "Procedure.performer",
    "SAC-Container": "Specimen.container",
    "SPM-Container": "Specimen.container",
}
CODED = {"sex", "allergen_category", "allergy_type", "criticality", "severity", "priority"}
"""Tables whose targets are codes of required value sets."""
TABLED = {"CODE", "CODING", "CWE", "BENEFICIARY", "LANGUAGE"}
"""Datatypes whose argument is a table of codes."""
OF_THE_CODE = {
    "identifier_type", "severity", "unit", "diagnosis_type", "appointment_status", "event_period", "repeat_pattern",
    "time_unit",
}  # fmt: skip
"""Tables that no row names, but the code."""


def base(table: str) -> str:
    """Return the R4 path that the elements of a table belong to."""
    return BASES.get(table, table.partition("-")[2])


def resolved(path: str, element: str) -> Element | None:
    """Return R4's element for the target of a row; raises KeyError if there is none."""
    found = None
    for step in steps(element):
        where, found, kind = children(path)[step.name.removeprefix("_")]
        assert step.is_list == (found.max == "*" and not step.extension), f"{element}: a list is written with []"
        path = where if kind in {"BackboneElement", "Element"} else kind.partition("(")[0]
    return found


ROWS = [(table, row) for table in table_names("rows") for row in rows(table)]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda each: each if isinstance(each, str) else each.element)
def test_targets(table: str, row: Row) -> None:
    """Every target of every row is an element of R4, and every datatype has its function."""
    if row.steps:
        resolved(base(table), row.element)
        assert row.datatype in FUNCTIONS


@pytest.mark.parametrize(("table", "row"), ROWS, ids=lambda each: each if isinstance(each, str) else each.element)
def test_required_codes(table: str, row: Row) -> None:
    """Every code that a row can write is in the value set that R4 demands there."""
    if row.datatype == "CODE":
        found = resolved(base(table), row.element)
        assert found is not None
        assert {each.code for each in codes(row.argument).values()} <= bindings()[found.value_set]


def test_tables_of_codes_are_used() -> None:
    """Each table of codes is named by a row or by the code, and each that is named exists."""
    named = {row.argument for _, row in ROWS if row.datatype in TABLED and row.argument}
    assert set(table_names("codes")) == named | OF_THE_CODE


@pytest.mark.parametrize("name", table_names("codes"))
def test_codes(name: str) -> None:
    """Every counterpart has a code in R4's form and an absolute system."""
    for sent, target in codes(name).items():
        assert sent == sent.strip()
        assert re.fullmatch(r"\S+( \S+)*", target.code)
        assert ABSOLUTE.match(target.system)


OWNED = {
    "name[]": "name",
    "deceased[Boolean]": "deceased[x]",
    "hospitalization.admitSource": "hospitalization.admitSource",
    "hospitalization.specialCourtesy[]": "hospitalization.specialCourtesy",
    "collection.collected[DateTime]": "collection.collected[x]",
    "extension(patient-religion).value[CodeableConcept]": f"extension({HL7_EXTENSIONS}patient-religion)",
    "_birthDate.extension(patient-birthTime).value": f"_birthDate.extension({HL7_EXTENSIONS}patient-birthTime)",
}


@pytest.mark.parametrize(("element", "owned"), OWNED.items())
def test_owned_name(element: str, owned: str) -> None:
    """A message owns the way to a value up to the first list; a choice of types is one element."""
    assert owned == owned_name(element)

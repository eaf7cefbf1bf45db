"""The step kind ``hl7v2_to_fhir``, and kinds of other packages that differ from it in a table or a function."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from pydantic import create_model

from adapters.fhir.context import Function
from adapters.fhir.report import Reason
from adapters.fhir.rows import FUNCTIONS
from adapters.fhir.settings import Hl7v2ToFhirSettings
from adapters.fhir.step import explain, open_step
from adapters.fhir.tables import Code, Row, table_names
from gateway.contract.kind import StepCounter, StepKind

LEFT_OUT = StepCounter(
    "hilum_fhir_left_out",
    "Values of HL7v2 messages that are not in the FHIR bundle, or not as they were sent, by reason",
    tuple(Reason),
)
HL7V2_TO_FHIR = StepKind(
    "hl7v2_to_fhir",
    Hl7v2ToFhirSettings,
    frozenset({"hl7v2"}),
    open_step,
    gives="fhir",
    counter=LEFT_OUT,
    explain=explain,
)


def variant(
    name: str,
    *,
    rows: Mapping[str, tuple[Row, ...]] | None = None,
    codes: Mapping[str, Mapping[str, Code]] | None = None,
    functions: Mapping[str, Function] | None = None,
) -> StepKind:
    """Return a kind *name* with these tables of rows and codes, and these functions of datatypes, in place of its own.

    Raises LookupError if there is nothing of that name to be replaced.
    """
    replaced = {"rows": rows or {}, "codes": codes or {}, "functions": functions or {}}
    known = {"rows": table_names("rows"), "codes": table_names("codes"), "functions": FUNCTIONS}
    for what, given in replaced.items():
        for each in given:
            if each not in known[what]:
                raise LookupError(f"hl7v2_to_fhir has no {each} among its {what}")
    kind: Any = Literal[name]
    settings = create_model(f"{name}Settings", __base__=Hl7v2ToFhirSettings, kind=(kind, ...))
    return StepKind(
        name,
        settings,
        frozenset({"hl7v2"}),
        partial(open_step, replaced=replaced),
        gives="fhir",
        counter=LEFT_OUT,
        explain=partial(explain, replaced=replaced),
    )

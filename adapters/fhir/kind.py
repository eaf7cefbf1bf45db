"""The step kind ``hl7v2_to_fhir``, and kinds of other packages that differ from it in a table or a function."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import create_model

from adapters.fhir.report import Reason
from adapters.fhir.settings import Hl7v2ToFhirSettings
from gateway.contract.kind import StepCounter, StepKind
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from gateway.contract.step import Step

if TYPE_CHECKING:
    from adapters.fhir.context import Function
    from adapters.fhir.tables import Code, Row

LEFT_OUT = StepCounter(
    "hilum_fhir_left_out",
    "Values of HL7v2 messages that are not in the FHIR bundle, or not as they were sent, by reason",
    tuple(Reason),
)


def _open(
    name: str,
    settings: Hl7v2ToFhirSettings,
    count: Callable[[str], None] = lambda _: None,
    *,
    replaced: Mapping[str, Any] | None = None,
) -> AbstractAsyncContextManager[Step]:
    from adapters.fhir.step import open_step  # noqa: PLC0415  only who converts needs its modules

    return open_step(name, settings, count, replaced=replaced)


def _explain(
    settings: Hl7v2ToFhirSettings, *, replaced: Mapping[str, Any] | None = None
) -> Callable[[Message, bytes], tuple[bytes | Refused, tuple[str, ...]]]:
    from adapters.fhir.step import explain  # noqa: PLC0415  likewise

    return explain(settings, replaced=replaced)


HL7V2_TO_FHIR = StepKind(
    "hl7v2_to_fhir",
    Hl7v2ToFhirSettings,
    frozenset({"hl7v2"}),
    _open,
    gives="fhir",
    counter=LEFT_OUT,
    explain=_explain,
)


def variant(
    name: str,
    *,
    rows: "Mapping[str, tuple[Row, ...]] | None" = None,
    codes: "Mapping[str, Mapping[str, Code]] | None" = None,
    functions: "Mapping[str, Function] | None" = None,
) -> StepKind:
    """Return a kind *name* with these tables of rows and codes, and these functions of datatypes, in place of its own.

    Raises LookupError if there is nothing of that name to be replaced.
    """
    from adapters.fhir.functions import FUNCTIONS  # noqa: PLC0415  likewise
    from adapters.fhir.tables import table_names  # noqa: PLC0415  likewise

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
        partial(_open, replaced=replaced),
        gives="fhir",
        counter=LEFT_OUT,
        explain=partial(_explain, replaced=replaced),
    )

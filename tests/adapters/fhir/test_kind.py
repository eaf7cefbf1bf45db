"""The kind ``hl7v2_to_fhir``, and kinds that differ from it in a table or a function."""

import json
from collections import Counter
from typing import Any

import pytest

from adapters.fhir.context import Context
from adapters.fhir.kind import HL7V2_TO_FHIR, variant
from adapters.fhir.report import Reason
from adapters.fhir.tables import read_codes, read_rows
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from tests.adapters.fhir.making import PID, message
from tests.adapters.fhir.test_step import sent

HEAD = "field\telement\tdatatype\targument\n"


def test_kind() -> None:
    """The kind takes HL7v2, gives FHIR, and counts by reason."""
    assert (frozenset({"hl7v2"}), "fhir") == (HL7V2_TO_FHIR.takes, HL7V2_TO_FHIR.gives)
    assert HL7V2_TO_FHIR.counter is not None
    assert tuple(Reason) == HL7V2_TO_FHIR.counter.results


def initials(raw: str, context: Context, _: str) -> dict[str, Any]:
    """Return a name of which only the beginnings are known."""
    return {"text": "".join(each[:1] for each in context.texts(raw))}


async def test_variant() -> None:
    """A kind of another package replaces a table of rows, one of codes and a function, and keeps the others."""
    kind = variant(
        "own_fhir",
        rows={"PID-Patient": read_rows(f"{HEAD}3\tidentifier[]\tCX\t\n5\tname[]\tXPN\t\n8\tgender\tCODE\tsex\n")},
        codes={"sex": read_codes("code\ttarget\tsystem\tdisplay\nW\tfemale\thttp://hl7.org/fhir/x\tFemale\n")},
        functions={"XPN": initials},
    )
    counts: Counter[str] = Counter()
    settings = kind.settings.model_validate({"kind": "own_fhir"})
    async with kind.open("fhir", settings, lambda reason: counts.update([reason])) as step:
        made = await step(sent(message(PID + "||19800315|W")))
    assert isinstance(made, Message)
    assert isinstance(made.body, WholeBody)
    patient = json.loads(made.body.data)["entry"][0]["resource"]
    assert ([{"text": "TA"}], "female", False) == (patient["name"], patient["gender"], "birthDate" in patient)
    assert kind.explain is not None
    assert made.body.data == kind.explain(settings)(sent(b""), message(PID + "||19800315|W"))[0]


@pytest.mark.parametrize(
    "replaced", [{"rows": {"PID-Person": ()}}, {"codes": {"colors": {}}}, {"functions": {"XX": initials}}]
)
def test_nothing_to_replace(replaced: Any) -> None:
    """A name that the step does not have is a mistake of the package."""
    with pytest.raises(LookupError, match="hl7v2_to_fhir has no"):
        variant("own_fhir", **replaced)

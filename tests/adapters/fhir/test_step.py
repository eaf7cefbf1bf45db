"""The step."""

import json
from collections import Counter
from pathlib import Path

import pytest

from adapters.fhir.context import Options
from adapters.fhir.settings import Hl7v2ToFhirSettings
from adapters.fhir.step import SMALL, Hl7v2ToFhir, explain, open_step
from gateway.contract.body import WholeBody
from gateway.contract.errors import ConfigError
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.fhir.making import BERLIN, PID, message

SETTINGS = Hl7v2ToFhirSettings(kind="hl7v2_to_fhir")


def sent(data: bytes) -> Message:
    """Return a message as a listener gives it."""
    return Message("m", WholeBody(data), {"message_type": "ADT^A01"}, {"control_id": "C1"}, "8859/1")


@pytest.mark.parametrize("notes", [0, SMALL // 8])
async def test_convert(notes: int) -> None:
    """The body becomes a bundle; facts and identifiers stay; each value that is left out is counted."""
    counts: Counter[str] = Counter()
    step = Hl7v2ToFhir(BERLIN, lambda reason: counts.update([reason]))
    result = await step(sent(message(PID, "ZPD|1", *["NTE|1||x"] * notes)))
    assert isinstance(result, Message)
    assert isinstance(result.body, WholeBody)
    assert "Bundle" == json.loads(result.body.data)["resourceType"]
    assert ("C1", None) == (result.identifiers["control_id"], result.charset)
    assert counts["not_mapped"] >= 1


async def test_refused() -> None:
    """A message that cannot be converted is refused."""
    assert isinstance(await Hl7v2ToFhir(Options(), print)(sent(message())), Refused)


async def test_open() -> None:
    """The step is opened with its settings; a code map that cannot be read is a mistake in the configuration."""
    async with open_step("fhir", SETTINGS) as step:
        assert isinstance(await step(sent(message(PID))), Message)
    wrong = SETTINGS.model_copy(update={"code_maps": (Path("/missing.csv"),)})
    with pytest.raises(ConfigError, match=r"steps\.fhir: /missing"):
        async with open_step("fhir", wrong):
            pass


def test_explain() -> None:
    """The step can be tried: it gives the bundle, and the report without values."""
    made, report = explain(SETTINGS)(sent(b""), message(PID, "ZPD|SECRET"))
    assert isinstance(made, bytes)
    assert ("ZPD-1", False) == (report[-1].partition(":")[0], any("SECRET" in each for each in report))
    assert isinstance(explain(SETTINGS)(sent(b""), b"")[0], Refused)

"""Whatever fails in an engine, at each function and each line of it: the original and its words never go on.

The errors are raised where the engines really go: a trace function of the interpreter raises them at the beginning of
each function (a generator's every step among them), or at each line.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.deidentify.dicom.tree import written
from adapters.deidentify.engines import open_engines
from adapters.deidentify.errors import INTERNAL_ERROR
from adapters.deidentify.images import Images
from adapters.deidentify.step import Deidentify
from gateway.contract.body import WholeBody
from gateway.contract.errors import StepRefused
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.deidentify.dicom.made import fragments, header, image, part10
from tests.adapters.deidentify.dicom.made import native as native_file
from tests.adapters.deidentify.faults import Place, failing, name_of, recorded
from tests.adapters.deidentify.hl7v2.support import message as hl7v2
from tests.adapters.deidentify.support import DOMAINS, of_dicom, of_hl7v2, read, settings

FHIR = (
    b'{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",'
    b'"resource":{"resourceType":"Patient","id":"4815162","identifier":[{"system":"urn:oid:1.2.3","value":"4815162"}],'
    b'"name":[{"family":"Smith"}],"birthDate":"1954-03-07","address":[{"postalCode":"94110","country":"US"}]},"request":'
    b'{"method":"PUT","url":"Patient?identifier=urn:oid:1.2.3|4815162"},"extension":[{"url":"urn:hilum:fhir:owns",'
    b'"valueString":"name"}]},{"resource":{"resourceType":"Observation","status":"final","subject":{"reference":'
    b'"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"},"code":{"coding":[{"system":"http://loinc.org","code":"1-8"}],'
    b'"text":"of Smith, well"},"effectiveDateTime":"2024-05-08T08:00:00Z","valueQuantity":{"value":4.10,"unit":"a"},'
    b'"_issued":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}'
    b'},"request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=http://x.org|1"}}]}'
)
HL7V2 = hl7v2(
    "OBX|1|NM|1^^L||99", "OBX|2|TX|1^^L||Smith is well", "OBX|3|DT|1^^L||20240508", "ZPV|Smith 4815162|20240508"
)
JPEG = b"\xff\xd8\xff\xfe\x00\x07Smith\xff\xda\x00\x02\x01\x02\xff\xd9"
MESSAGES = {
    "HL7v2": of_hl7v2(HL7V2),
    "FHIR": Message("m3", WholeBody(FHIR), {"protocol": "http"}, {}),
    "DICOM": of_dicom(WholeBody(native_file(bytes(16)))),
    "DICOM, compressed": of_dicom(
        WholeBody(
            part10(written(header(*image()), is_implicit=False) + fragments(JPEG), "1.2.840.10008.1.2.4.50")
        )
    ),
}  # fmt: skip
SECRET = "Smith^John 4815162"
WORDS = (b"Smith", b"4815162", b"Musterfrau", b"7423501", b"MRN")


def step_in(folder: Path) -> Deidentify:
    """Return a step that keeps and cleans as much as it can, so that it has much to do."""
    given = settings(
        folder,
        hl7v2={"text": "known_identifiers", "keep_segments": ["ZPV"]},
        fhir={"text": "known_identifiers"},
    )
    return Deidentify(open_engines(given, DOMAINS), lambda _: None, Images(None))


async def outcome(step: Deidentify, message: Message) -> bytes | str:
    """Return the octets that the step lets through, or why it lets nothing through."""
    made = await step(message)
    if isinstance(made, Refused):
        return made.reason
    try:
        return await read(made)
    except StepRefused as error:
        return error.refused.reason


async def places(step: Deidentify, message: Message, *, lines: bool) -> dict[Place, int]:
    """Return where the engine goes for a message, the second time: what is kept for later is kept then."""
    for _ in range(2):
        with recorded(lines=lines) as found:
            octets = await outcome(step, message)
        assert isinstance(octets, bytes), octets
        assert not [each for each in WORDS if each in octets]
    return dict(found)


def errors() -> Iterator[Exception]:
    """Yield errors that quote the patient: those that some code expects, too, and those that nobody does."""
    yield RuntimeError(SECRET)
    yield MemoryError(SECRET)


@pytest.mark.parametrize("name", MESSAGES)
async def test_functions(tmp_path: Path, name: str) -> None:
    """An error at the first and at the last call of each function of the engine: the message is held back."""
    step, message = step_in(tmp_path), MESSAGES[name]
    found = await places(step, message, lines=False)
    assert len(found) > 40
    for place, count in found.items():
        for at in {1, count}:
            for error in errors():
                with failing(place, error, at):
                    said = await outcome(step, message)
                assert isinstance(said, str), (name_of(place), at)
                assert said.endswith(INTERNAL_ERROR), (name_of(place), at)


@pytest.mark.slow
@pytest.mark.parametrize("name", MESSAGES)
async def test_lines(tmp_path: Path, name: str) -> None:
    """An error at each line of the engine, so in each branch that the message takes: it is held back."""
    step, message = step_in(tmp_path), MESSAGES[name]
    found = await places(step, message, lines=True)
    assert len(found) > 200
    for place in found:
        with failing(place, RuntimeError(SECRET)):
            said = await outcome(step, message)
        assert isinstance(said, str), name_of(place)
        assert said.endswith(INTERNAL_ERROR), name_of(place)


@pytest.mark.slow
@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), OSError(5, SECRET)], ids=repr)
@pytest.mark.parametrize("name", MESSAGES)
async def test_expected_errors(tmp_path: Path, name: str, error: Exception) -> None:
    """Errors that an engine may expect somewhere: the message is held back, or still names nobody."""
    step, message = step_in(tmp_path), MESSAGES[name]
    for place in await places(step, message, lines=False):
        with failing(place, error):
            said = await outcome(step, message)
        octets = said.encode() if isinstance(said, str) else said
        assert not [each for each in WORDS if each in octets], name_of(place)


@pytest.mark.parametrize("name", MESSAGES)
async def test_cancelled(tmp_path: Path, name: str) -> None:
    """A delivery that is cancelled in the middle of an engine ends, and lets nothing through."""
    step, message = step_in(tmp_path), MESSAGES[name]
    for place in list(await places(step, message, lines=False))[::10]:
        with failing(place, asyncio.CancelledError()), pytest.raises(asyncio.CancelledError):
            await outcome(step, message)
    assert isinstance(await outcome(step, message), bytes)


async def test_key_file(tmp_path: Path) -> None:
    """The key that was read at the start counts as long as the step is open, whatever becomes of its file."""
    step, message = step_in(tmp_path), MESSAGES["HL7v2"]
    before = await outcome(step, message)
    (tmp_path / "research.key").write_text("5b" * 32)
    assert await outcome(step, message) == before
    (tmp_path / "research.key").unlink()
    assert await outcome(step, message) == before
    given = settings(tmp_path)
    given.key_file.write_text("short")
    with pytest.raises(ValueError, match="key_file"):
        open_engines(given, DOMAINS)

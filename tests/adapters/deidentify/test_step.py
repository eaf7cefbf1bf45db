"""The step returns the message de-identified or refuses it; nothing that fails lets the original through."""

import asyncio
from contextlib import AbstractAsyncContextManager
from errno import EIO
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pydicom
import pytest

from adapters.deidentify import engines
from adapters.deidentify import images as images_module
from adapters.deidentify.crosswalk.store import Crosswalk
from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.pixel_data import NativePixels
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.deidentify.errors import INTERNAL_ERROR, CrosswalkError, HeldBackError
from adapters.deidentify.fhir.transform import FhirTransformer
from adapters.deidentify.hl7v2 import transform as hl7v2_transform
from adapters.deidentify.hl7v2.document import Document
from adapters.deidentify.own.search import OwnIdentifiers
from adapters.deidentify.pseudonyms.domains import Domains
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DeidentifySettings
from adapters.deidentify.step import SMALL, Deidentify, open_step
from gateway.contract.body import Body, WholeBody
from gateway.contract.errors import ConfigError, StepRefused
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from gateway.contract.outcome import Refused
from tests.adapters.deidentify.hl7v2.support import HEADER
from tests.adapters.deidentify.hl7v2.support import message as hl7v2
from tests.adapters.deidentify.support import (
    CT,
    DOMAINS,
    INSTANCE_UID,
    Pieces,
    in_pieces,
    of_dicom,
    of_hl7v2,
    opened,
    read,
    settings,
)

SECRET = "Smith^John 4815162"


def fail(*_: Any, **__: Any) -> None:
    """Raise an error that quotes the patient."""
    raise RuntimeError(SECRET)


async def test_hl7v2(tmp_path: Path) -> None:
    """A message comes out with its own new control ID; facts and message ID stay."""
    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        made = await step(of_hl7v2())
    assert isinstance(made, Message)
    text = await read(made)
    assert b"Smith" not in text
    assert made.identifiers["control_id"].encode() in text
    assert made.identifiers["control_id"] != "C77"
    assert (made.message_id, made.facts, counted) == ("m1", {"protocol": "mllp"}, ["transformed"])


async def test_without_control_id(tmp_path: Path) -> None:
    """A message without one gets none."""
    data = hl7v2(header=HEADER.replace("C77", ""))
    async with opened(tmp_path) as step:
        made = await step(Message("m1", WholeBody(data), {}, {}))
    assert isinstance(made, Message)
    assert dict(made.identifiers) == {}


async def test_large_and_streamed(tmp_path: Path) -> None:
    """A large message, which comes in pieces, is transformed in a thread, with the same result."""
    data = hl7v2(*[f"OBX|{number}|NM|1^^L||{number}" for number in range(2000)])
    assert len(data) > SMALL
    async with opened(tmp_path) as step:
        one = await step(of_hl7v2(data))
        other = await step(Message("m1", in_pieces(data, 1000), {}, {"control_id": "C77"}))
    assert isinstance(one, Message)
    assert isinstance(other, Message)
    assert await read(one) == await read(other)


async def test_character_set_of_the_listener(tmp_path: Path) -> None:
    """The character set that the listener names is used."""
    data = hl7v2("OBX|1|TX|1^^L||x").replace(b"Smith", "Müller".encode("latin-1"))
    async with opened(tmp_path) as step:
        assert isinstance(await step(of_hl7v2(data)), Refused)
        assert isinstance(await step(of_hl7v2(data, "8859/1")), Message)


@pytest.mark.parametrize("data", [b"", b"{}", b"<Bundle/>", b"PID|1", hl7v2(pid="PV1|1"), b"MSH|^~\\&\rSmith"])
async def test_held_back(tmp_path: Path, data: bytes) -> None:
    """What is no HL7v2 message about a patient is refused, counted, and not quoted."""
    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        made = await step(of_hl7v2(data))
    assert isinstance(made, Refused)
    assert "held back" in made.reason
    assert "Smith" not in made.reason
    assert counted == ["held_back"]


HL7V2_CALLS = [
    (hl7v2_transform, "read"),
    (hl7v2_transform, "own_identifiers"),
    (hl7v2_transform, "patient_of"),
    (hl7v2_transform, "fields"),
    (hl7v2_transform, "keep_structure"),
    (Domains, "patient"),
    (KeyedPseudonyms, "patient"),
    (KeyedPseudonyms, "identifier"),
    (KeyedPseudonyms, "shift"),
    (OwnIdentifiers, "add_name"),
    (OwnIdentifiers, "add_number"),
    (OwnIdentifiers, "add_date"),
    (OwnIdentifiers, "found_in"),
    (Document, "encoded"),
]


@pytest.mark.parametrize(("owner", "name"), HL7V2_CALLS, ids=str)
@pytest.mark.parametrize("size", [1, 3000])
async def test_faults_in_hl7v2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, owner: object, name: str, size: int
) -> None:
    """Whatever call of the engine fails, the message is refused, and the error's text is not told."""
    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        monkeypatch.setattr(owner, name, fail)
        made = await step(of_hl7v2(hl7v2(*["OBX|1|NM|1^^L||99"] * size)))
    assert isinstance(made, Refused)
    assert made.reason.endswith(INTERNAL_ERROR)
    assert counted == ["held_back"]


PATIENT = (
    b'{"resourceType": "Patient", "id": "p-4815162", "name": [{"family": "Smith"}],'
    b' "identifier": [{"system": "urn:oid:1.2.3", "value": "4815162"}]}'
)


@pytest.mark.parametrize(
    "interaction",
    [None, Interaction("PUT", "Patient/p-4815162"), Interaction("PUT", "Patient?identifier=4815162")],
)
async def test_fhir(tmp_path: Path, interaction: Interaction | None) -> None:
    """A resource comes out without its patient's name; the address that its peer gave does not go on."""
    async with opened(tmp_path) as step:
        made = await step(Message("m3", WholeBody(PATIENT), {}, {}, interaction=interaction))
    assert isinstance(made, Message)
    assert made.interaction is None
    text = await read(made)
    assert b"Smith" not in text
    assert b"4815162" not in text


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_parts_of_resources(tmp_path: Path, method: Literal["PATCH", "DELETE"]) -> None:
    """A patch or a deletion names its resource in the address only, so it is held back."""
    async with opened(tmp_path) as step:
        asked = Interaction(method, "Patient/p-4815162")
        made = await step(Message("m3", WholeBody(b"[]"), {}, {}, interaction=asked))
    assert isinstance(made, Refused)
    assert "4815162" not in made.reason


@pytest.mark.parametrize(
    ("owner", "name"), [(FhirTransformer, "transform"), (KeyedPseudonyms, "patient"), (OwnIdentifiers, "found_in")]
)
async def test_faults_in_fhir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, owner: object, name: str) -> None:
    """Whatever call fails, the resource is refused without the error's text."""
    async with opened(tmp_path) as step:
        monkeypatch.setattr(owner, name, fail)
        made = await step(Message("m3", WholeBody(PATIENT), {}, {}))
    assert isinstance(made, Refused)
    assert made.reason.endswith(INTERNAL_ERROR)


async def test_dicom(tmp_path: Path) -> None:
    """An instance comes out with another UID and without the patient's name, in whatever pieces it comes."""
    results = set()
    for size in (100_000, 4096, 37):
        counted: list[str] = []
        async with opened(tmp_path, counted) as step:
            made = await step(of_dicom(in_pieces(CT, size)))
            assert isinstance(made, Message)
            assert made.body.length is None
            assert made.body.replayable
            octets = await read(made)
            results.add(octets)
            assert await read(made) == octets  # another attempt reads it again
        assert counted == ["transformed"]
        found = pydicom.dcmread(BytesIO(octets))
        assert found.SOPInstanceUID == made.identifiers["sop_instance_uid"] != INSTANCE_UID
        assert b"CompressedSamples" not in octets
        assert b"1CT1" not in octets
        assert found.PixelData == pydicom.dcmread(BytesIO(CT)).PixelData
    assert len(results) == 1


class Blind:
    """A detector that finds no text."""

    def find(self, _: Any, __: float) -> list[Any]:
        """Return nothing."""
        return []


async def test_memory_of_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image is not read further than its header while another one takes the memory for images."""
    pytest.importorskip("numpy")
    monkeypatch.setattr(engines, "detector_of", lambda _: Blind)
    monkeypatch.setattr(images_module, "MOST_IN_MEMORY", 1)
    async with opened(tmp_path, dicom={"pixels": "redact_all_text"}) as step:
        first = await step(of_dicom(in_pieces(CT, 4096)))
        second = asyncio.create_task(step(of_dicom(in_pieces(CT, 4096))))
        assert await asyncio.wait([second], timeout=0.2) == (set(), {second})
        assert isinstance(first, Message)
        octets = await read(first)
        made = await asyncio.wait_for(second, 60)
        assert isinstance(made, Message)
        assert await read(made) == octets


@pytest.mark.parametrize("data", [b"", b"no DICOM", CT[:200], CT[:2000], CT[:-2000]], ids=len)
async def test_broken_instances(tmp_path: Path, data: bytes) -> None:
    """What is cut short is refused, at once or while it is read."""
    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        made = await step(of_dicom(WholeBody(data)))
        if isinstance(made, Message):
            with pytest.raises(StepRefused):
                await read(made)
    assert counted[-1] == "held_back"


DICOM_CALLS = [
    (FileDeidentifier, "receive_data"),
    (DicomTransformer, "transform"),
    (TreeReader, "feed"),
    (KeyedPseudonyms, "uid"),
    (KeyedPseudonyms, "patient"),
    (KeyedPseudonyms, "shift"),
    (Domains, "patient"),
    (OwnIdentifiers, "add_name"),
    (OwnIdentifiers, "found_in"),
]


@pytest.mark.parametrize(("owner", "name"), DICOM_CALLS, ids=str)
async def test_faults_in_the_header(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, owner: object, name: str) -> None:
    """Whatever call fails before the header is out, the instance is refused before an octet of it goes on."""
    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        monkeypatch.setattr(owner, name, fail)
        made = await step(of_dicom(in_pieces(CT, 4096)))
    assert isinstance(made, Refused)
    assert made.reason.endswith(INTERNAL_ERROR)
    assert counted == ["held_back"]


@pytest.mark.parametrize("name", ["receive_data", "receive_end"])
@pytest.mark.parametrize("error", [RuntimeError(SECRET), HeldBackError("a frame is broken")], ids=["any", "held"])
async def test_faults_in_the_middle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, error: Exception
) -> None:
    """A failure among the pixels breaks the body off with a refusal that says nothing of the patient."""

    def broken(*_: Any) -> None:
        raise error

    counted: list[str] = []
    async with opened(tmp_path, counted) as step:
        made = await step(of_dicom(in_pieces(CT, 8192)))
        assert isinstance(made, Message)
        monkeypatch.setattr(NativePixels, name, broken)
        got = bytearray()
        with pytest.raises(StepRefused) as caught:
            await collect(made, got)
    assert "Smith" not in caught.value.refused.reason
    assert b"CompressedSamples" not in got
    assert counted == ["transformed", "held_back"]


@pytest.mark.parametrize("at", [0, 1])
async def test_the_original_cannot_be_read(tmp_path: Path, at: int) -> None:
    """A disk that fails is no mistake of the message: the error goes on, so that it is tried again later."""
    pieces: list[bytes | Exception] = [CT[:20_000]]
    pieces.insert(at, OSError(EIO, "Input/output error"))
    async with opened(tmp_path) as step:
        with pytest.raises(OSError, match="Input/output"):
            await taken(step, Pieces(pieces))


async def collect(message: Message, into: bytearray) -> None:
    """Read the body into *into* as far as it goes."""
    async for chunk in message.body.chunks():
        into += bytes(chunk)


async def taken(step: Deidentify, body: Body) -> None:
    """Pass an instance through the step and read the result."""
    made = await step(of_dicom(body))
    assert isinstance(made, Message)
    await read(made)


async def test_wrong_settings(tmp_path: Path) -> None:
    """A key that cannot be read, a domain that is not there: each is named with its place."""
    given = settings(tmp_path)
    given.key_file.write_text("short")
    with pytest.raises(ConfigError, match=r"^steps\.anonymous\.key_file: .*openssl"):
        async with opened_with(given):
            pass
    given = settings(tmp_path, default_domain="clinic")
    with pytest.raises(ConfigError, match=r"^steps\.anonymous\.default_domain: there is no domain 'clinic'"):
        async with opened_with(given):
            pass


def opened_with(given: DeidentifySettings) -> AbstractAsyncContextManager[Deidentify]:
    """Open a step with these settings."""
    return open_step("anonymous", given, lambda _: None, DOMAINS)


@pytest.mark.parametrize("mode", ["keyed", "random"])
async def test_crosswalk(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message goes on when its pseudonyms are settled, twice with the same result."""
    settled: list[bool] = []
    settle = Crosswalk.settle

    def counted(crosswalk: Crosswalk) -> None:
        settled.append(True)
        settle(crosswalk)

    monkeypatch.setattr(Crosswalk, "settle", counted)
    given = settings(tmp_path, pseudonyms=mode, crosswalk_file=tmp_path / "crosswalk")
    for make in (of_hl7v2, instance):
        made = []
        for _ in range(2):
            async with open_step("anonymous", given, domains=DOMAINS) as step:
                result = await step(make())
                assert isinstance(result, Message)
                made.append(await read(result))
        assert made[0] == made[1]
    assert len(settled) == 4


@pytest.mark.parametrize("method", ["pseudonym", "settle"])
async def test_crosswalk_fails(tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the crosswalk fails, the message is neither refused nor passed: it is tried again later."""
    monkeypatch.setattr(Crosswalk, method, failing_crosswalk)
    given = settings(tmp_path, pseudonyms="random", crosswalk_file=tmp_path / "crosswalk")
    async with open_step("anonymous", given, domains=DOMAINS) as step:
        for make in (of_hl7v2, instance):
            with pytest.raises(CrosswalkError, match="cannot be used now"):
                await step(make())


def instance() -> Message:
    """Return an instance that is in memory."""
    return of_dicom(WholeBody(CT))


def failing_crosswalk(*_: Any, **__: Any) -> None:
    """Raise what a full disk makes of the crosswalk."""
    raise CrosswalkError("the crosswalk file cannot be used now: SQLITE_FULL")


async def test_crosswalk_read_again(tmp_path: Path) -> None:
    """A spooled instance that is read a second time for another try is the same."""
    given = settings(tmp_path, pseudonyms="random", crosswalk_file=tmp_path / "crosswalk")
    async with open_step("anonymous", given, domains=DOMAINS) as step:
        made = await step(instance())
        assert isinstance(made, Message)
        assert await read(made) == await read(made)


async def test_random_needs_a_crosswalk(tmp_path: Path) -> None:
    """Random pseudonyms without a file, or with one that cannot be made, are a mistake in the configuration."""
    with pytest.raises(ValueError, match="pseudonyms: random needs crosswalk_file"):
        settings(tmp_path, pseudonyms="random")
    given = settings(tmp_path, pseudonyms="random", crosswalk_file=tmp_path / "none" / "crosswalk")
    with pytest.raises(ConfigError, match=r"steps\.anonymous\.crosswalk_file: .*make that folder"):
        async with open_step("anonymous", given, domains=DOMAINS):
            pass

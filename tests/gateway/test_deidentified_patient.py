"""One patient in HL7v2, DICOM and FHIR is one patient afterwards, whatever process, mode or gateway it goes through."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pydicom
import pytest

from adapters.dimse.requesting.commands import send
from gateway.contract.sending import Address
from tests.gateway.deidentified import (
    ACCESSION,
    DAY,
    INSTANCE,
    NAMES,
    STUDY,
    Store,
    Taken,
    adt,
    ct,
    patient,
    post,
    steps,
    store,
    study,
)
from tests.gateway.test_steps import spool
from tests.mllp_client import code_of, mllp_client
from tests.processes import serving
from tests.running import running_gateway

MODES = ("relay", "commit")


class Found(NamedTuple):
    """How the patient appears in what the stores got: each value as often as it differs between them."""

    patients: set[str]
    days: set[date]
    studies: set[str]
    accessions: set[str]


def configuration(research: Store, folder: Path, acknowledge: str, clinic: Store | None = None, more: str = "") -> str:
    """Return a gateway for three formats; with *clinic* the messages go there, too, as they are."""
    stores = {"messages": "http", "images": "dicomweb", "resources": "fhir_store"}
    lines = ["listeners:"]
    lines.append(f"  adt: {{kind: mllp, port: 0, acknowledge: {acknowledge}}}")
    lines.append(f"  pacs: {{kind: dimse, port: 0, acknowledge: {acknowledge}}}")
    lines += ["  fhir: {kind: http, accepts: fhir, port: 0}", "destinations:"]
    for name, kind in stores.items():
        lines.append(f"  {name}: {{kind: {kind}, url: '{research.url}', via: [anonymous], max_attempts: 1}}")
        if clinic is not None:
            lines.append(f"  clinic-{name}: {{kind: {kind}, url: '{clinic.url}', max_attempts: 1}}")
    lines.append("routes:")
    for listener, name in zip(("adt", "pacs", "fhir"), stores, strict=True):
        both = f"[clinic-{name}, {name}]" if clinic is not None and listener != "fhir" else name
        lines.append(f"  - {{from: {listener}, to: {both}}}")
    return "\n".join([*lines, f"data_dir: {folder}/data", more, steps(folder)])


async def send_adt(port: int, authority: str = "HOSP", control_id: str = "C1") -> bytes:
    """Send the admission; return the answer."""
    async with mllp_client(port) as client:
        return await client.ask(adt(authority, control_id))


async def send_ct(port: int, folder: Path, issuer: str = "HOSP", instance: str = INSTANCE) -> list[str]:
    """Send the image; return the statuses."""
    file = folder / "ct.dcm"
    file.write_bytes(ct(issuer, instance))
    return [each.answer async for each in send(Address("127.0.0.1", port, "HILUM"), [file])]


async def deliver(ports: Mapping[str, int], folder: Path, number: int = 1) -> None:
    """Send the patient in each format, in messages of a *number* of their own."""
    assert code_of(await send_adt(ports["adt"], control_id=f"C{number}")) == "AA"
    assert await send_ct(ports["pacs"], folder, instance=f"{INSTANCE}{number}") == ["0000"]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [
        {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
        for each in (patient(), study())
    ]}  # fmt: skip
    status, said = await post(ports["fhir"], bundle)
    assert status == 200, said


def found_in(taken: Sequence[Taken]) -> Found:
    """Return how the patient appears, after a look for what must not be there."""
    found = Found(set(), set(), set(), set())
    for each in taken:
        assert [] == [name for name in NAMES if name.lower() in each.everything()]
        assert STUDY not in each.everything()
        assert INSTANCE not in each.everything()
        if b"MSH|" in each.body:
            _of_hl7v2(each.body, found)
        elif b"DICM" in each.body:
            _of_dicom(each.body, found)
        else:
            _of_fhir(each, found)
    return found


def _of_hl7v2(body: bytes, found: Found) -> None:
    segments = {line.split("|")[0]: line.split("|") for line in body.decode().split("\r")}
    found.patients.add(segments["PID"][3].split("^")[0])
    found.days.add(date.fromisoformat(segments["PV1"][44][:8]))


def _of_dicom(body: bytes, found: Found) -> None:
    at = body.index(b"DICM") - 128
    data_set = pydicom.dcmread(BytesIO(body[at:]), stop_before_pixels=True)
    found.patients.add(str(data_set.PatientID))
    found.days.add(date.fromisoformat(data_set.StudyDate))
    found.studies.add(str(data_set.StudyInstanceUID))
    found.accessions.add(str(data_set.AccessionNumber))


def _of_fhir(taken: Taken, found: Found) -> None:
    for each in taken.json()["entry"]:
        resource = each["resource"]
        if resource["resourceType"] == "Patient":
            found.patients.add(resource["identifier"][0]["value"])
            continue
        found.days.add(date.fromisoformat(resource["started"][:10]))
        uid, accession = resource["identifier"]
        found.studies.add(uid["value"].removeprefix("urn:oid:"))
        found.accessions.add(accession["value"])


def is_one(found: Found) -> bool:
    """Return whether it is one patient, with one study, and days that are moved by the same whole weeks."""
    (day,) = found.days
    moved = (date.fromisoformat(DAY) - day).days
    return moved > 0 and moved % 7 == 0 and [1, 1, 1] == [len(each) for each in (found[0], found[2], found[3])]


@asynccontextmanager
async def stores(count: int) -> AsyncIterator[list[Store]]:
    """Serve so many stores."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(store()) for _ in range(count)]


async def test_every_way(tmp_path: Path) -> None:
    """Relayed, committed, after a restart, and through a second gateway with the same key: one patient."""
    second = tmp_path / "second"
    second.mkdir()
    (second / "research.key").write_text("5a" * 32)
    (second / "research.key").chmod(0o600)
    async with stores(1) as (research,):
        for number, (mode, folder) in enumerate([(MODES[0], tmp_path), (MODES[1], tmp_path), (MODES[1], second)]):
            async with running_gateway(configuration(research, folder, mode)) as running:
                await deliver(running.ports, folder)
                await research.got(3 * (number + 1))
        found = found_in(research.taken)
    assert is_one(found)
    assert ACCESSION not in found.accessions


async def test_other_key(tmp_path: Path) -> None:
    """With another key it is another patient: two projects cannot be joined."""
    (tmp_path / "research.key").write_text("5b" * 32)
    (tmp_path / "research.key").chmod(0o600)
    other = tmp_path / "other"
    other.mkdir()
    async with stores(2) as (one, two):
        for research, folder in ((one, tmp_path), (two, other)):
            async with running_gateway(configuration(research, folder, "relay")) as running:
                await deliver(running.ports, folder)
        first, second = found_in(one.taken), found_in(two.taken)
    assert is_one(first)
    assert is_one(second)
    assert not first.patients & second.patients
    assert not first.studies & second.studies


@pytest.mark.slow
async def test_two_workers(tmp_path: Path) -> None:
    """Two workers of `hilum serve`, and two again after a restart, in commit mode: one patient."""
    text = "workers: 2"
    async with stores(1) as (research,):
        for start in (0, 4):
            configured = configuration(research, tmp_path, "commit", more=text)
            async with serving(tmp_path, configured) as (process, ports):
                for number in range(start, start + 4):
                    await deliver(ports, tmp_path, number)
                await research.got(3 * (start + 4))
                said = json.dumps(list(process.events))
            assert [] == [each for each in NAMES if each in said]
        found = found_in(research.taken)
    assert is_one(found)


async def test_side_by_side(tmp_path: Path) -> None:
    """The store of the clinic gets what was sent, that of the researchers nothing of the patient."""
    async with stores(2) as (clinic, research):
        async with running_gateway(configuration(research, tmp_path, "commit", clinic)) as running:
            assert code_of(await send_adt(running.ports["adt"])) == "AA"
            assert await send_ct(running.ports["pacs"], tmp_path) == ["0000"]
            await asyncio.gather(clinic.got(2), research.got(2))
        assert len(found_in(research.taken).patients) == 1
        whole = "".join(each.everything() for each in clinic.taken)
    assert "musterfrau^erika" in whole
    assert INSTANCE in whole


async def reasons(folder: Path, count: int) -> list[str]:
    """Return why entries are parked, once there are so many."""
    async with asyncio.timeout(120):
        while len(lines := (await spool(folder, "list", "--json", "--state", "parked"))[1].splitlines()) < count:
            await asyncio.sleep(0.05)
    return [json.loads(line)["reason"] for line in lines]


@pytest.mark.parametrize("mode", MODES)
async def test_unmapped(tmp_path: Path, mode: str) -> None:
    """A patient of an authority that no domain names: parked, or refused where the sender waits; no store gets it."""
    async with stores(1) as (research,):
        text = configuration(research, tmp_path, mode)
        (tmp_path / "hilum.yaml").write_text(text)
        async with running_gateway(text) as running:
            answer = await send_adt(running.ports["adt"], "MUSTERFRAU")
            status = await send_ct(running.ports["pacs"], tmp_path, "MUSTERFRAU")
            resource, said = await post(running.ports["fhir"], patient("http://other.example/musterfrau"), "/Patient")
            told = await reasons(tmp_path, 2) if mode == "commit" else [answer.decode()]
        assert research.taken == []
    assert (code_of(answer), status) == (("AA", ["0000"]) if mode == "commit" else ("AE", ["C000"]))
    assert resource == 422
    for each in (said, *told):
        assert "it is held back: no entr" in each  # an HL7 acknowledgement has no room for more
        assert "MUSTERFRAU" not in each.upper()

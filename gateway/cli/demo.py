"""``hilum demo``: starts gateway and stores on free ports, sends samples, prints a table of the answers."""

import asyncio
import base64
import re
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from gateway import app
from gateway.cli.samples import DICOM_NAMES, HL7_SAMPLES, write_dicom_samples, write_hl7_samples
from gateway.cli.send import sender
from gateway.config import loading as config
from gateway.contract.sending import DEFAULT, Address, Answered
from gateway.process.loop import stop_on_signals
from gateway.sandbox.server import Sandbox

CONFIGURATION = """
listeners:
  adt: {{kind: mllp, port: 0}}
  modalities: {{kind: dimse, port: 0, ae_title: HILUM}}
destinations:
  hl7-store: {{kind: hl7v2_store, url: "{hl7_store}"}}
  image-store: {{kind: dicomweb, url: "{image_store}"}}
routes:
  - {{from: adt, to: hl7-store}}
  - {{from: modalities, to: image-store}}
admin: {{port: 0}}
drain_seconds: 5
"""
SOP_INSTANCE_UID, RETRIEVE_URL = "00080018", "00081190"  # PS3.18 10.6.3.3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    sent: str
    answer: str
    expected: str
    where: str | None
    """Store and resource; None if it is not stored."""

    @property
    def good(self) -> bool:
        """Whether the answer is the expected one, and positive only if the store has the message."""
        positive = self.answer in {"AA", "0000"}
        return self.answer == self.expected and positive == (self.where is not None)


async def run_demo(folder: Path, samples: Path, *, stay: bool) -> bool:
    """Print the table; if *stay*, print the addresses and wait for a signal. Return whether all went well.

    The data of gateway and stores is below *folder*; the files that are sent stay in the folder *samples*.
    """
    stop = stop_on_signals()
    async with start_demo(folder) as (sandbox, running):
        rows = await send_samples(samples, sandbox, running)
        good = all(row.good for row in rows)
        _print(table(rows))
        _print("All went well." if good else "Not all went well.")
        if stay:
            _print(addresses(sandbox, running, samples))
            await stop.wait()
    return good


@asynccontextmanager
async def start_demo(folder: Path) -> AsyncIterator[tuple[Sandbox, app.Running]]:
    """Start stores and gateway on free ports, with their data below *folder*."""
    stop = asyncio.Event()
    started: asyncio.Future[app.Running] = asyncio.get_running_loop().create_future()
    async with Sandbox(folder / "stores") as sandbox, asyncio.TaskGroup() as group:
        text = CONFIGURATION.format(hl7_store=sandbox.hl7v2_store_url(), image_store=sandbox.dicom_web_url())
        group.create_task(app.run(config.parse(text), stop, started.set_result))
        try:
            yield sandbox, await started
        finally:
            stop.set()


async def send_samples(samples: Path, sandbox: Sandbox, running: app.Running) -> list[Row]:
    """Send every sample as `hilum send` does, and look it up in the stores."""
    mllp, dimse = (Address("127.0.0.1", running.ports[name]) for name in ("adt", "modalities"))
    hl7 = sender("mllp")(mllp, write_hl7_samples(samples), DEFAULT)
    dicom = sender("dimse")(replace(dimse, ae_title="HILUM"), write_dicom_samples(samples), DEFAULT)
    expected = {sample.title: sample.answer for sample in HL7_SAMPLES}
    answers: list[Answered] = [*[each async for each in hl7], *[each async for each in dicom]]
    held = await _what_is_stored(sandbox)
    return [
        Row(name := Path(each.source).name, each.answer, expected.get(name, "0000"), held.get(each.identifier))
        for each in answers
    ]


async def _what_is_stored(sandbox: Sandbox) -> Mapping[str, str]:
    """Return the place in the stores of everything that they hold, by control ID or SOP Instance UID."""
    async with ClientSession() as client:
        messages = await _get(client, f"{sandbox.hl7v2_store_url()}/messages?view=FULL")
        instances = await _get(client, f"{sandbox.dicom_web_url()}/instances")
    names = {_control_id(each): each["name"] for each in messages.get("hl7V2Messages", [])}
    urls = {each[SOP_INSTANCE_UID]["Value"][0]: each[RETRIEVE_URL]["Value"][0] for each in instances}
    return {identifier: _short(address) for identifier, address in (names | urls).items()}


def _short(address: str) -> str:
    """Return the store and the last part of a resource name; a full address is longer than a line."""
    store = re.search(r"(hl7V2|dicom)Stores/[^/]+", address)
    return f"{store[0] if store else ''}  {address.rpartition('/')[2]}"


async def _get(client: ClientSession, url: str) -> Any:
    async with client.get(url) as reply:
        return await reply.json(content_type=None)


def _control_id(message: Mapping[str, str]) -> str:
    return base64.b64decode(message["data"]).split(b"|")[9].decode()


def table(rows: list[Row]) -> str:
    """Return the rows as aligned columns."""
    head = f"{'':2}{'sent':<22}{'came back':<12}where it is now"
    lines = (f"{'' if row.good else '!':2}{row.sent:<22}{row.answer:<12}{row.where or 'not stored'}" for row in rows)
    return "\n".join((head, *lines))


def addresses(sandbox: Sandbox, running: app.Running, samples: Path) -> str:
    """Return the addresses of all ports, and commands that can be pasted into another terminal unchanged."""
    mllp, dimse = f"127.0.0.1:{running.ports['adt']}", f"HILUM@127.0.0.1:{running.ports['modalities']}"
    message, instance = (shlex.quote(str(samples / name)) for name in (HL7_SAMPLES[0].title, DICOM_NAMES[0]))
    hilum = shlex.join(this_program())
    return f"""
stores    {sandbox.url}   (lists what they hold)
admin     http://127.0.0.1:{running.admin_port}/metrics
MLLP      {mllp}
DICOM     {dimse}

To send more, in another terminal:

  {hilum} send hl7 {mllp} {message}
  {hilum} send dicom {dimse} {instance}
  {hilum} echo {dimse}

Ctrl-C ends the demo and removes what the stores hold. The samples stay in {samples}."""


def this_program() -> list[str]:
    """Return the command line that starts this program from any folder."""
    script = Path(sys.argv[0]).absolute()
    return [str(script)] if script.name == "hilum" else [sys.executable, "-m", "gateway"]


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  it is the command's result

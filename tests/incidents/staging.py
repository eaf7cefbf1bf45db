"""The stage of an incident: a real ``hilum serve``, and what its operator reads on the first screen and in a terminal.

An incident is told if the text of both names cause, side and mend within TOLD_SECONDS. It has ended if both say that
all is as usual within USUAL_SECONDS of its end. The limits hold on a machine with nothing else to do; on a busy one
they grow with its load, up to MOST_TIMES as long.

Of the 25 incidents of the issue "What operators see":

===== ============================================== ==============================================================
1     the store's process is down                    test_stores_away.py, also in relay mode and with two workers
2, 3  a firewall drops; a name has no address        test_stores_away.py, with a full queue, and with names of its own
4-7   certificates of the store, and ours            test_certificates.py
8     TLS and plain HTTP mixed up                    test_stores_away.py, with nginx. A server that hangs up on plain
                                                     HTTP without an octet cannot be told from one that breaks down
9-11  credentials                                    test_credentials.py
12-14 no store answers; a quota; a slow store        test_stores_answers.py
15    the peer's time-out is shorter than the store  test_peers_habits.py
16-18 a SOP class; one message; the disk             test_messages_and_disk.py
19    our clock is wrong                             test_stores_answers.py, test_certificates.py: the store's clock is
                                                     set otherwise, as that of a process cannot be
20-25 peers                                          test_peers_names.py, test_peers_transport.py, test_peers_habits.py
===== ============================================== ==============================================================
"""

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar
from pydicom import dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID
from pynetdicom import AE

from tests.faults.peers import ct
from tests.incidents.page_text import text_of
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import HilumProcess, hilum

TOLD_SECONDS, USUAL_SECONDS = 30.0, 60.0
MOST_TIMES = 6.0
START_SECONDS = 300.0
LOOK_SECONDS = 0.5
USUAL = "All is as usual."
CT, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
SIDES = {  # on the first screen, and in a terminal
    "store": ("Store side", "store side"),
    "peer": ("Peer side", "peer side"),
    "here": ("Here", "here"),
    "network": ("Network", "network side"),
}


@dataclass(frozen=True)
class Told:
    """What the operator has to read of an incident."""

    cause: str
    subject: str
    side: str
    """``store``, ``peer``, ``here`` or ``network``."""
    why: str
    """A phrase of the cause."""
    now: str
    """A phrase of the mend."""
    also: tuple[str, ...] = ()
    """More phrases."""


def settings(tmp_path: Path, listeners: str, destinations: str, routes: str, more: str = "") -> str:
    """Return a configuration: the entries of each part in flow YAML, and *more* lines at its end."""
    return f"""
listeners: {{{listeners}}}
destinations: {{{destinations}}}
routes: [{routes}]
admin: {{port: 0}}
data_dir: {tmp_path / "data"}
drain_seconds: 1
{more}
"""


@asynccontextmanager
async def staged(tmp_path: Path, text: str, *, python: Sequence[str] = (sys.executable,)) -> AsyncIterator["Stage"]:
    """Run ``hilum serve`` with the configuration *text*, and sign in at its admin port.

    The words of *python* start the interpreter, in a name space of its own for example.
    """
    path = tmp_path / "hilum.yaml"
    path.write_text(text)
    async with hilum("serve", path, python=python) as process:
        ports, admin_port = await started(process)
        async with ClientSession(f"http://127.0.0.1:{admin_port}", cookie_jar=CookieJar(unsafe=True)) as session:
            stage = Stage(process, path, ports, admin_port, session)
            await stage.sign_in((tmp_path / "data" / "admin-token").read_text().strip())
            yield stage


async def started(process: HilumProcess) -> tuple[Mapping[str, int], int]:
    """Wait for the start, however busy the machine is; return the ports of the listeners, and the admin port."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            for line in process.events:
                assert line["event"] != "gateway_not_started", line
                if line["event"] == "gateway_started" and "worker" not in line:  # of several, each says it as well
                    return line["ports"], line["admin_port"]
            await asyncio.sleep(LOOK_SECONDS)


@dataclass
class Stage:
    """One gateway."""

    process: HilumProcess
    configuration: Path
    ports: Mapping[str, int]
    """By listener."""
    admin_port: int
    session: ClientSession

    async def sign_in(self, token: str) -> None:
        """Show the token, as a person does in a browser."""
        async with self.session.post("/sign-in", data={"token": token, "to": "/"}, allow_redirects=False) as reply:
            assert 303 == reply.status, await reply.text()

    async def screen(self) -> str:
        """Return the text of the first screen, with one space between words."""
        async with self.session.get("/") as reply:
            assert 200 == reply.status, await reply.text()
            return text_of(await reply.text())

    async def status(self) -> tuple[int, str]:
        """Run ``hilum status``; return its exit status and its text, with one space between words."""
        return await self.command("status")

    async def command(self, *words: str) -> tuple[int, str]:
        """Run a command of ``hilum`` on the configuration; return its exit status and its text."""
        first = list(itertools.takewhile(lambda each: not each.startswith("-"), words))
        command = (sys.executable, "-m", "gateway", *first, str(self.configuration), *words[len(first) :])
        environment = os.environ | {"HILUM_ADMIN": f"http://127.0.0.1:{self.admin_port}"}
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment
        )
        printed, _ = await process.communicate()
        return await process.wait(), " ".join(printed.decode().split())

    async def tells(self, told: Told, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        """Wait until screen and terminal name cause, side and mend; *meanwhile* is done before each look."""
        on_screen, in_terminal = SIDES[told.side]
        phrases = (told.why, told.now, *told.also)

        async def is_told() -> tuple[bool, str]:
            if meanwhile is not None:
                await meanwhile()
            screen = await self.screen()
            missing = [each for each in (*phrases, on_screen) if each not in screen]
            if missing:
                return False, f"the first screen does not say {missing}: {screen}"
            code, terminal = await self.status()
            missing = [each for each in (*phrases, told.subject, in_terminal) if each not in terminal]
            return code == 1 and not missing, f"hilum status ({code}) does not say {missing}: {terminal}"

        await within(TOLD_SECONDS, is_told)

    async def is_as_usual(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        """Wait until screen and terminal say that all is as usual; *meanwhile* is done before each look."""

        async def is_usual() -> tuple[bool, str]:
            if meanwhile is not None:
                await meanwhile()
            screen = await self.screen()
            if USUAL not in screen:
                return False, f"the first screen: {screen}"
            code, terminal = await self.status()
            return code == 0 and USUAL in terminal, f"hilum status ({code}): {terminal}"

        await within(USUAL_SECONDS, is_usual)

    async def has_logged_once(self, told: Told) -> None:
        """Check that the log has one beginning and one end of this case, and no other case."""
        await self.process.logged("case_ended")
        found = [
            (each["event"], each["cause"], each["subject"], each["side"])
            for each in self.process.events
            if each["event"] in ("case_began", "case_ended")
        ]
        assert [(event, told.cause, told.subject, told.side) for event in ("case_began", "case_ended")] == found

    async def message(self, listener: str, control_id: str, *, address: str = "127.0.0.1") -> str:
        """Send an HL7 message over a connection of its own; return the code of its acknowledgement."""
        async with mllp_client(self.ports[listener], address=address) as client:
            return code_of(await client.ask(adt(control_id)))

    async def instance(
        self, listener: str, uid: str, calling: str = "CT1", sop_class: str = CT, beside: Sequence[str] = ()
    ) -> int:
        """Store an instance as a modality does; return the status of its response, or -1 if there is none.

        It proposes the classes *beside* as well.
        """
        return await asyncio.to_thread(store, self.ports[listener], uid, calling, sop_class, beside)


def store(port: int, uid: str, calling: str, sop_class: str, beside: Sequence[str] = ()) -> int:
    """Associate, store one instance, release."""
    modality = AE(calling)
    for each in (sop_class, *beside):
        modality.add_requested_context(each, [EXPLICIT])
    association = modality.associate("127.0.0.1", port, ae_title="HILUM")
    if not association.is_established:
        return -1
    try:
        return int(association.send_c_store(data_set(uid, sop_class)).Status)
    except (ValueError, AttributeError):  # no context for it; no response
        return -1
    finally:
        association.release()


def data_set(uid: str, sop_class: str) -> Any:
    """Return an instance of nobody."""
    read = dcmread(BytesIO(ct(uid)), force=True)
    read.SOPClassUID = sop_class
    read.file_meta = FileMetaDataset()
    read.file_meta.TransferSyntaxUID = UID(EXPLICIT)
    return read


async def within(seconds: float, look: Callable[[], Awaitable[tuple[bool, str]]]) -> None:
    """Wait until *look* says yes; fail with what it says otherwise if it takes longer, measured by the load."""
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        is_so, text = await look()
        if is_so and asked - began <= seconds * times():
            return
        assert time.monotonic() - began <= seconds * times(), text
        await asyncio.sleep(LOOK_SECONDS)


def times() -> float:
    """Return how many times as long everything takes as on a machine with nothing else to do."""
    return min(MOST_TIMES, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))

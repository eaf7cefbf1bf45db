"""Well-behaved peers, who send at a steady pace, check every answer, and remember how long it took."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.adapters.dimse.raw_peer import RawPeer, command_of, store_rq
from tests.adapters.http.fakes import PATIENT, Raw, request
from tests.faults.peers import ASSOCIATE_AC, ct
from tests.hostile.ward import LATE_SECONDS, Ports
from tests.mllp_client import MllpClient, adt, code_of, control_id_of

HL7_ADDRESS, DICOM_ADDRESS, FHIR_ADDRESS = "127.0.1.1", "127.0.1.2", "127.0.1.3"
PAUSE = 0.005
INSTANCES_PER_ASSOCIATION = 20
ANSWER_SECONDS = 20
"""Within this an answer has to come, whatever the others do: a bound for liveness, none for speed."""


@dataclass(slots=True)
class Regulars:
    """One HL7 system, one modality and one application that writes FHIR."""

    ports: Ports
    hl7: list[float] = field(default_factory=list)
    """Seconds to each answer."""
    dicom: list[float] = field(default_factory=list)
    fhir: list[float] = field(default_factory=list)
    _stop: bool = False

    @property
    def seconds(self) -> Mapping[str, list[float]]:
        """The seconds to each answer, by protocol."""
        return {"HL7": self.hl7, "DICOM": self.dicom, "FHIR": self.fhir}

    async def send_hl7(self) -> None:
        """Send messages until told to stop, over one connection for as long as it is not late with a message."""
        number = 0
        while not self._stop:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.ports.hl7, local_addr=(HL7_ADDRESS, 0))
            client, last = MllpClient(reader, writer), time.perf_counter()
            try:
                while not self._is_over(last):
                    number += 1
                    began = time.perf_counter()
                    async with asyncio.timeout(ANSWER_SECONDS):
                        answer = await client.ask(adt(f"R{number}"))
                    last = time.perf_counter()
                    self.hl7.append(last - began)
                    assert (code_of(answer), control_id_of(answer)) == ("AA", f"R{number}")
                    await asyncio.sleep(PAUSE)
            finally:
                writer.close()

    def _is_over(self, last: float) -> bool:
        """Whether no more is sent over a connection that was used at the time *last*."""
        return self._stop or time.perf_counter() - last > LATE_SECONDS

    async def send_dicom(self) -> None:
        """Send instances, a few over each association, until told to stop."""
        number = 0
        while not self._stop:
            peer, last = await self._associate(), time.perf_counter()
            try:
                for _ in range(INSTANCES_PER_ASSOCIATION):
                    if self._is_over(last):
                        break
                    number += 1
                    await self._store(peer, f"1.2.3.{number}", number)
                    last = time.perf_counter()
                    await asyncio.sleep(PAUSE)
            finally:
                peer.vanish()

    async def _associate(self) -> RawPeer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports.dicom, local_addr=(DICOM_ADDRESS, 0))
        peer = RawPeer(reader, writer)
        async with asyncio.timeout(ANSWER_SECONDS):
            assert (await peer.associate()).startswith(ASSOCIATE_AC)
        return peer

    async def _store(self, peer: RawPeer, uid: str, number: int) -> None:
        began = time.perf_counter()
        await peer.send(store_rq(ct(uid, 2000), uid=uid, message_id=number & 0xFFFF))
        async with asyncio.timeout(ANSWER_SECONDS):
            response = command_of(await peer.receive())
        self.dicom.append(time.perf_counter() - began)
        answered = (response.Status, response.MessageIDBeingRespondedTo, response.AffectedSOPInstanceUID)
        assert answered == (0, number & 0xFFFF, uid)

    async def send_fhir(self) -> None:
        """Create resources until told to stop, over one connection as HL7 messages."""
        while not self._stop:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.ports.fhir, local_addr=(FHIR_ADDRESS, 0))
            client, last = Raw(reader, writer), time.perf_counter()
            try:
                while not self._is_over(last):
                    began = time.perf_counter()
                    client.send(request(body=PATIENT))
                    async with asyncio.timeout(ANSWER_SECONDS):
                        answer = await client.response()
                    last = time.perf_counter()
                    self.fhir.append(last - began)
                    assert 200 == answer.status
                    await asyncio.sleep(PAUSE)
            finally:
                writer.close()

    async def answered(self) -> None:
        """Wait until each has an answer; on a busy machine the first ones take their time."""
        async with asyncio.timeout(60):
            while not all(self.seconds.values()):
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        """Have all end after the answer they wait for."""
        self._stop = True


@asynccontextmanager
async def at_work(ports: Ports) -> AsyncIterator[Regulars]:
    """Have the regulars send while the block runs; a wrong or missing answer is raised at its end."""
    regulars = Regulars(ports)
    async with asyncio.TaskGroup() as group:
        group.create_task(regulars.send_hl7())
        group.create_task(regulars.send_dicom())
        group.create_task(regulars.send_fhir())
        try:
            yield regulars
        finally:
            regulars.stop()


def p99(seconds: Sequence[float]) -> float:
    """Return the time within which 99 of 100 answers came."""
    return sorted(seconds)[len(seconds) * 99 // 100]

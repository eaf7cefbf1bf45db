"""Nothing that identifies a patient leaves the process but towards the stores.

Everything else it emits is captured while generated messages, hostile input and the corpus go through both protocols,
both modes, and stores that are good, careless and dead: the log at debug, what the libraries warn of, the metrics, the
admin port's answers, and what ``hilum spool`` prints.
"""

import asyncio
import struct
from collections.abc import Iterable
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from pydicom.datadict import tag_for_keyword

from adapters.dimse.protocol.pdu import PduReader
from adapters.hl7.store_words import WORDS
from adapters.mllp.framing import Framer
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.hl7v2_store import Hl7v2Store
from gateway.journal.folder import folder_of, segments_in
from gateway.sandbox.server import Sandbox
from gateway.telemetry import log
from gateway.telemetry.faults import handle_in_loop
from tests.adapters.dimse.raw_peer import CT, EXPLICIT, RawPeer, associate_rq, command_set, p_data, store_rq
from tests.corpus.test_dicom_corpus import CORPUS as DICOM_CORPUS
from tests.corpus.test_dicom_corpus import Sendable, sendable
from tests.corpus.test_hl7_corpus import FILES as HL7_CORPUS
from tests.corpus.test_hl7_corpus import payloads
from tests.dicom_files import data_set, make_series
from tests.mllp_client import adt, mllp_client
from tests.phi.canaries import CANARY, canary_adt, canary_instance
from tests.phi.daemon import KINDS, RECEIVER, Daemon, daemon
from tests.phi.finder import control_ids, dicom_values, hl7_values, leaks, senders
from tests.running import relay, running_gateway

HOSTILE_HL7 = {
    "no header": canary_adt("H1", header=False),
    "PID before MSH": canary_adt("H2", header=False) + canary_adt("H2"),
    "MSH-1 is no delimiter": b"MSH" + canary_adt("H3")[4:],
    "no message type": canary_adt("H4").replace(b"ADT^A01^ADT_A01", b""),
    "octets of no character set": canary_adt("H5").replace(b"PID1A", b"\xff\xfe"),
    "an unknown character set": canary_adt("H6").replace(b"2.5.1", b"2.5.1||||||KLINGON"),
    "a batch": b"FHS|^~\\&\rBHS|^~\\&\r" + canary_adt("H7") + canary_adt("H8") + b"BTS|2\rFTS|1\r",
    "the patient instead of a header": f"MSH|{CANARY}HEADA|{CANARY}HEADB".encode(),
    "a control ID of the length of a message": canary_adt("H9" + f"{CANARY}LONG" * 100),
    "larger than allowed": canary_adt("H10") + b"OBX|" + f"{CANARY}OBX ".encode() * 200_000,
}  # fmt: skip
"""Blocks."""
RAW_HL7 = {
    "no framing": canary_adt("R1"),
    "stray octets": f"{CANARY}STRAY".encode(),
    "an unfinished block": b"\x0b" + canary_adt("R2"),
}
"""What comes without a proper end; the connection is closed after it."""


async def send_block(port: int, payload: bytes) -> None:
    """Send a block and wait for what becomes of it."""
    await send_octets(port, b"\x0b" + payload + b"\x1c\r")


async def send_octets(port: int, octets: bytes) -> None:
    """Send *octets* and nothing more; wait until the listener hangs up."""
    with suppress(ConnectionError):
        async with asyncio.timeout(60), mllp_client(port) as client:
            client.writer.write(octets)
            await client.writer.drain()
            client.writer.write_eof()
            while await client.reader.read(65536):
                pass


async def store(port: int, octets: bytes, uid: str, sop: str = CT, syntax: str = EXPLICIT) -> None:
    """C-STORE a data set on an association of its own; take what comes."""
    peer = await RawPeer.connect(port)
    with suppress(ConnectionError, TimeoutError):
        await peer.associate(contexts=[(sop, [syntax])])
        await peer.send(store_rq(octets, uid=uid, context_id=1, sop=sop, max_pdu=131072))
        await peer.receive()
    peer.vanish()


def hostile_dicom(number: int) -> dict[str, list[bytes]]:
    """Return what a peer may write after the accepted association: each a conversation of its own."""
    instance = data_set(canary_instance(f"1.2.3.{number}", "1.2.3"))
    word = f"{CANARY}COMMAND".encode()
    uid_is_text = command_set(e0002=CT, e0100=1, e0110=7, e0700=2, e0800=1, e1000=f"{CANARY}UID")
    return {
        "broken off": [store_rq(instance, uid=f"1.2.3.{number}")[:-200]],
        "no data set at all": [store_rq(word * 50, uid=f"1.2.3.{number}")],
        "a data set without command": [p_data(3, 2, instance)],
        "an instance UID that is text": [p_data(3, 3, uid_is_text), p_data(3, 2, instance)],
        "a command set that is text": [p_data(3, 3, word * 9)],
        "a PDU of no type": [struct.pack(">BxL", 0x63, len(word)) + word],
        "a second request": [associate_rq(calling="TESTER") + instance],
    }


async def converse(port: int, words: Iterable[bytes]) -> None:
    """Ask for an association, say *words* and take what comes."""
    peer = await RawPeer.connect(port)
    with suppress(ConnectionError, TimeoutError):  # what was broken off gets no answer
        await peer.associate()
        await peer.send(*words)
        async with asyncio.timeout(1):
            await peer.receive()
    peer.vanish()


async def visit(name: str, port: int) -> None:
    """Send everything that is generated to one listener."""
    if name.startswith("mllp"):
        await send_block(port, canary_adt(f"{name}-1"))
        for payload in HOSTILE_HL7.values():
            await send_block(port, payload)
        for octets in RAW_HL7.values():
            await send_octets(port, octets)
    else:
        await store(port, data_set(canary_instance("1.2.3.1", "1.2.3")), "1.2.3.1")
        await asyncio.gather(*(converse(port, words) for words in hostile_dicom(2).values()))


async def generated(gateway: Daemon) -> set[str]:
    """Send generated and hostile input to every listener; return the values it identifies somebody by."""
    await asyncio.gather(*(visit(name, port) for name, port in gateway.ports.items()))
    return {CANARY, *hl7_values(canary_adt("C1")), *dicom_values(canary_instance("1.2.3.1", "1.2.3"))}


async def corpus(gateway: Daemon) -> tuple[set[str], set[str]]:
    """Send every file of the corpus to a relay and a committing listener of each kind of store.

    Return the values that identify somebody, and the names of the senders, of which some are the same words.
    """
    values: set[str] = set()
    names: set[str] = set()
    may_be_logged: set[str] = set()
    for path in HL7_CORPUS:
        for payload in payloads(path):
            values |= hl7_values(payload)
            may_be_logged |= control_ids(payload)
            names |= senders(payload)
            await asyncio.gather(
                *(send_block(port, payload) for name, port in gateway.ports.items() if name.startswith("mllp"))
            )
    for path in sorted(each for each in DICOM_CORPUS.rglob("*") if each.is_file()):
        file = sendable(path)
        if isinstance(file, Sendable):
            values |= dicom_values(path.read_bytes())
            await asyncio.gather(
                *(
                    store(port, file.octets, file.uid, file.sop_class, file.transfer_syntax)
                    for name, port in gateway.ports.items()
                    if name.startswith("dimse")
                )
            )
    return values - may_be_logged, names


async def everything_said(gateway: Daemon) -> str:
    """Ask for all there is to ask for, stop the daemon and return all that it has ever said."""
    admin_port = int((await gateway.process.logged("gateway_started"))["admin_port"])
    await gateway.ask(admin_port)
    for action, *more in (("list", "--json", "--limit", "1000"), ("list",), ("status",), ("show", "none")):
        await gateway.run("spool", action, str(gateway.config), *more)
    for options in ([], ["--json"], ["--outcome", "not_stored", "--json"]):
        await gateway.run("journal", str(gateway.config), "--limit", "500", *options)
    gateway.process.process.terminate()
    assert await gateway.process.ended() in (0, 3)
    return gateway.everything() + journal_of(gateway.config.parent / "data")


def journal_of(data_dir: Path) -> str:
    """Return all octets of the journal's segments, as text."""
    segments = segments_in(folder_of(data_dir))
    assert segments
    return "".join(each.path.read_bytes().decode("latin-1") for each in segments)


async def test_generated_and_hostile_input(tmp_path: Path) -> None:
    """No canary of generated or hostile messages is in anything that the daemon says, and it said something of each."""
    async with daemon(tmp_path) as gateway:
        values = await generated(gateway)
        said = await everything_said(gateway)
    assert [] == leaks(said, values)
    assert 0 == said.count(CANARY)  # not even as a part of a word
    for event in ("delivery_refused", "delivery_failed", "message_parked", "peer_rejected", "connection_opened"):
        assert f"'{event}'" in said, event
    assert all(f"mllp-commit-{kind}" in said for kind in (*KINDS, RECEIVER))
    assert "the receiver answered AE" in said


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom warns of odd files while the test reads them
@pytest.mark.skipif(not (HL7_CORPUS and DICOM_CORPUS.is_dir()), reason="the corpus is not beside the repository")
async def test_corpus(tmp_path: Path) -> None:
    """No value of an identifying field of the corpus is in anything that the daemon says."""
    (tmp_path / "ordinary").mkdir()
    instance = data_set(make_series(tmp_path, 1)[0].read_bytes())
    async with daemon(tmp_path / "ordinary") as gateway:
        for name, port in gateway.ports.items():
            await (send_block(port, adt("ORDINARY")) if name.startswith("mllp") else store(port, instance, "1.2.3"))
        ordinary = await everything_said(gateway)
    async with daemon(tmp_path) as gateway:
        values, names = await corpus(gateway)
        said = await everything_said(gateway)
    assert len(values) > 1000
    # Some of the corpus are called like the words that a store may give as its reason, such as "Field", or have the
    # keyword of a DICOM element in its place.
    ordinary = "\n".join([ordinary, WORDS, *names])
    assert [] == leaks(said, [each for each in values if tag_for_keyword(each) is None], ordinary)


@pytest.mark.parametrize(
    "broken",
    [(Hl7v2Store, "deliver"), (Dicomweb, "deliver"), (Framer, "receive_data"), (PduReader, "receive_data")],
    ids=lambda broken: f"{broken[0].__name__}.{broken[1]}",
)
async def test_own_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[type, str]) -> None:
    """A bug of ours anywhere on the way, whose exception quotes the payload, is told of without it."""
    stream = StringIO()
    log.configure(level="debug", stream=stream)
    asyncio.get_running_loop().set_exception_handler(handle_in_loop)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"cannot handle {CANARY}: {canary_adt('C1')!r}")

    monkeypatch.setattr(*broken, fail)
    async with Sandbox(tmp_path) as sandbox:
        hl7 = relay("kind: mllp, port: 0", f'kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"', within=5)
        dicom = relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{sandbox.dicom_web_url()}"', within=5)
        async with running_gateway(hl7) as gateway:
            await send_block(gateway.ports["in"], canary_adt("C1"))
        async with running_gateway(dicom) as gateway:
            await store(gateway.ports["in"], data_set(canary_instance("1.2.3.1", "1.2.3")), "1.2.3.1")
    said = stream.getvalue()
    assert "ValueError" in said
    assert CANARY not in said

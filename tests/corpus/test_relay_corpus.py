"""The whole corpus through the whole gateway: over the wire, along a route, into a store."""

import warnings
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web

from gateway.admin.server import serve_admin
from gateway.sandbox.server import Sandbox
from tests.adapters.dimse.raw_peer import RawPeer, store_rq
from tests.corpus.test_dicom_corpus import CORPUS as DICOM
from tests.corpus.test_dicom_corpus import Sendable, sendable
from tests.corpus.test_hl7_corpus import FILES as HL7
from tests.corpus.test_hl7_corpus import REFUSED, WITHOUT_MSH, name, payloads
from tests.dicom_files import data_set
from tests.mllp_client import mllp_client
from tests.running import relay, running_gateway

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not HL7, reason="the corpus is not beside the repository"),
]
EMPTY = {"ruby-hl7/empty-batch.hl7"}
"""Batches without a message."""
BATCH_SEGMENTS = (b"FHS", b"BHS", b"BTS", b"FTS")


def left_over(payload: bytes, messages: list[bytes]) -> bytes:
    """Return what *payload* holds beside *messages*, which must stand in it in their order, octet for octet."""
    rest, position = b"", 0
    for message in messages:
        found = payload.index(message, position)
        rest += payload[position:found]
        position = found + len(message)
    return rest + payload[position:]


async def test_hl7() -> None:
    """Each message reaches an HTTP destination byte for byte; beside them a block holds only batch headers."""
    received: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        received.append(await request.read())
        return web.Response()

    sink = web.Application(client_max_size=1 << 26)
    sink.router.add_post("/", take)
    refused: list[str] = []
    relayed = 0
    async with serve_admin(sink, "127.0.0.1", 0) as port:
        text = relay("kind: mllp, port: 0", f'kind: http, accept_empty: true, url: "http://127.0.0.1:{port}/"')
        async with running_gateway(text) as gateway:
            for path in HL7:
                for payload in payloads(path):
                    received.clear()
                    async with mllp_client(gateway.ports["in"]) as client:
                        client.writer.write(b"\x0b" + payload + b"\x1c\r")
                        client.writer.write_eof()
                        await client.reader.read()
                    relayed += len(received)
                    if not received:
                        refused.append(name(path))
                        continue
                    rest = left_over(payload, received)
                    lines = [
                        line for line in rest.replace(b"\n", b"\r").split(b"\r") if line.strip(b"\xef\xbb\xbf \x00")
                    ]
                    assert all(line.startswith(BATCH_SEGMENTS) for line in lines), name(path)
    print(f"{relayed} relayed, refused: {refused}")  # noqa: T201  the counts are a result
    assert sorted(WITHOUT_MSH | set(REFUSED) | EMPTY) == refused
    assert relayed >= 1700


async def test_dicom(tmp_path: Path) -> None:
    """Each instance is in the store with the same data set, or the status says why not and the store has nothing."""
    counts: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the files are odd; that is what they are for
        async with Sandbox(tmp_path) as sandbox:
            text = relay("kind: dimse, port: 0", f'kind: dicomweb, url: "{sandbox.dicom_web_url()}"')
            async with running_gateway(text) as gateway:
                for path in sorted(DICOM.rglob("*.dcm")):
                    file = sendable(path)
                    if isinstance(file, Sendable):
                        status = await store(gateway.ports["in"], file)
                        counts[status] += 1
                        kept = held(tmp_path, file.uid)
                        assert (status == "0000") == (file.octets in kept), path.name
    print(dict(counts))  # noqa: T201  the counts are a result
    # What a strict store refuses: no study or series UID, truncated, a header unlike the data set, a conflict.
    assert set(counts) <= {"0000", "C000", "0117", "A900", "0111", "not accepted"}
    assert counts["0000"] >= 50
    assert counts["not accepted"] == 1  # the DICOMDIR


def held(folder: Path, uid: str) -> list[bytes]:
    """Return the data sets that the sandbox keeps below *folder* for an instance."""
    return [data_set(each.read_bytes()) for each in folder.rglob(f"{uid}.dcm")]


async def store(port: int, file: Sendable) -> str:
    """C-STORE *file* on an association of its own and return the status."""
    peer = await RawPeer.connect(port)
    try:
        accept = await peer.associate(contexts=[(file.sop_class, [file.transfer_syntax])])
        if accept[accept.index(b"\x21\0", 74) + 6]:
            return "not accepted"
        await peer.send(store_rq(file.octets, uid=file.uid, context_id=1, sop=file.sop_class, max_pdu=131072))
        return f"{await peer.status():04X}"
    finally:
        peer.vanish()

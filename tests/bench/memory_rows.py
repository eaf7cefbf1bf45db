"""Row 7: what is resident in the gateway."""

import resource
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, CTImageStorage
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification

from tests.bench import samples
from tests.bench.closed_loop import Numbered
from tests.bench.dimse_rows import has_dcmtk
from tests.bench.loads import store
from tests.bench.measure import HILUM, BenchError, Case, Goal, Sample
from tests.bench.processes import output_of, script
from tests.bench.servers import (
    DIMSE,
    MAX_PDU,
    MLLP,
    Gateway,
    Server,
    gateway,
    ordinary_python,
    scripted,
    sink,
    to_http,
    to_stow,
)
from tests.bench.setup import Setup

MIB, KILOBYTE = 1 << 20, 1000
MULTI_FRAME = (2 << 30) - 2
"""The largest even length below 2 GiB that DCMTK takes."""
IDLE_CONNECTIONS = 1000, 5000
IDLE_ASSOCIATIONS = 100
Run = Callable[[], AbstractContextManager[Server | Gateway]]
Say = Callable[[socket.socket], None]


def at_rest(run: Run) -> Sample:
    """Return the MiB resident in a gateway that has done nothing yet."""
    with run() as server:
        return Sample(server.usage.resident() / MIB)


def relaying(run: Run, path: Path) -> Sample:
    """Return the largest number of MiB resident in a new gateway that relays *path*."""
    with run() as server:
        store(server.port, [[path]])
        return Sample(server.usage.peak() / MIB)


def each_idle(run: Run, count: int, say: Say, warm: int) -> Sample:
    """Return the kB resident for each of *count* peers that have said something and then keep silent.

    *warm* peers come and go before, so that what the first ones cost once is not counted.
    """
    with run() as server:
        with _peers(server.port, warm, say):
            pass
        before = server.usage.resident()
        with _peers(server.port, count, say):
            grown = max(server.usage.resident() - before, resource.getpagesize())
            return Sample(grown / count / KILOBYTE)


@contextmanager
def _peers(port: int, count: int, say: Say) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(count):
            say(stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)))
        yield


def message_sender(path: Path) -> Say:
    """Return what sends one message and waits for its answer."""
    messages = Numbered(path.read_bytes())

    def say(peer: socket.socket) -> None:
        peer.sendall(b"\x0b%b\x1c\r" % messages.next())
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            answer += _received(peer)

    return say


def associate(peer: socket.socket) -> None:
    """Open an association for CT images."""
    peer.sendall(_association_request())
    if _received(peer)[0] != 0x02:  # A-ASSOCIATE-AC, PS3.8 9.3.3
        raise BenchError("the association was not accepted")


def _received(peer: socket.socket) -> bytes:
    if not (data := peer.recv(1 << 16)):
        raise BenchError("the server hung up")
    return data


def _association_request() -> bytes:
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received = MAX_PDU
    implementation.implementation_class_uid = PYDICOM_IMPLEMENTATION_UID
    context = build_context(CTImageStorage)
    context.context_id = 1
    request = A_ASSOCIATE()
    request.application_context_name = "1.2.840.10008.3.1.1.1"
    request.calling_ae_title, request.called_ae_title = "BENCH", "HILUM"
    request.presentation_context_definition_list = [context]
    request.user_information = [length, implementation]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(request)
    return bytes(pdu.encode())


@contextmanager
def memory(setup: Setup) -> Iterator[list[Case]]:
    """Row 7."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # the servers inherit it
    with sink() as sinks:
        yield [*_instance_cases(setup, sinks), _edit_case(setup), *_connection_cases(setup, sinks)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _instance_cases(setup: Setup, sinks: Server) -> Sequence[Case]:
    dimse = partial(gateway, DIMSE, to_stow(sinks), python=ordinary_python())
    path = samples.multi_frame(setup.files, setup.count(MULTI_FRAME // 2) * 2)
    large = {HILUM: partial(relaying, dimse, path), "the same at rest": partial(at_rest, dimse)}
    count = setup.count(IDLE_ASSOCIATIONS)
    idle = {
        HILUM: partial(each_idle, dimse, count, associate, 5),
        "pynetdicom": partial(each_idle, partial(scripted, "pynetdicom_scp"), count, associate, 5),
    }
    relayed = Case(7, "Largest resident set, relaying 2 GiB", "MiB", large, [Goal("value", at_most=80)])
    return [*([relayed] if has_dcmtk() else []), Case(7, f"Memory of one of {count} idle associations", "kB", idle)]


def _edit_case(setup: Setup) -> Case:
    size = setup.count(MULTI_FRAME // 2) * 2
    edited = {HILUM: lambda: Sample(max(float(output_of(script("edit_stream", size))), 0.01))}
    return Case(
        7, "Growth of the resident set, editing 2 GiB with `edit_dicom`", "MiB", edited, [Goal("value", at_most=8)]
    )


def _connection_cases(setup: Setup, sinks: Server) -> Sequence[Case]:
    say = message_sender(samples.hl7_message(setup.files, 1000))
    servers: dict[str, Run] = {
        HILUM: partial(gateway, MLLP, to_http(sinks), python=ordinary_python()),
        "bare MLLP answerer": partial(scripted, "bare_mllp"),
    }
    return [
        Case(
            7,
            f"Memory of one of {count} idle MLLP connections",
            "kB",
            {name: partial(each_idle, run, count, say, 100) for name, run in servers.items()},
            [Goal("value", at_most=12)],
        )
        for count in map(setup.count, IDLE_CONNECTIONS)
    ]

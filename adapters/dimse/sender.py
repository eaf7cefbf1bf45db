"""C-ECHO and C-STORE as requestor, for the command line: pynetdicom's SCU in a thread, files as they are."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynetdicom import AE, _config
from pynetdicom.dsutils import split_dataset
from pynetdicom.pdu_primitives import A_ASSOCIATE

from adapters.dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from adapters.dimse.listener import hush_pynetdicom
from adapters.dimse.negotiation import VERIFICATION, Refusal

MAX_CONTEXTS = 128  # PS3.8 9.3.2.2: their IDs are the odd numbers below 256
IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"


@dataclass(frozen=True, slots=True)
class EchoResult:
    """What a C-ECHO came to."""

    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the C-STORE of one file came to."""

    path: Path
    sop_instance_uid: str
    """Empty when the file has none that could be read."""
    status: str | None
    """Four hexadecimal digits; None when there was no response."""
    reason: str = ""
    """Why there was none."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A file that can be sent."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str

    @property
    def syntaxes(self) -> tuple[str, str]:
        """What it needs a presentation context for."""
        return self.sop_class_uid, self.transfer_syntax_uid


async def echo(
    called: str,
    host: str,
    port: int,
    calling: str = "HILUM",
    timeout: float = 30,  # noqa: ASYNC109  pynetdicom keeps the time, in its thread
) -> EchoResult:
    """Send a C-ECHO. What goes wrong is in the result, not raised."""
    entity = _entity(calling, timeout)
    entity.add_requested_context(VERIFICATION, IMPLICIT_VR_LITTLE_ENDIAN)
    unreachable = await _unreachable(host, port, timeout)
    if unreachable:
        return EchoResult(None, unreachable)
    return await asyncio.to_thread(_echo, entity, called, host, port)


async def send(
    paths: Iterable[Path],
    called: str,
    host: str,
    port: int,
    calling: str = "HILUM",
    timeout: float = 60,  # noqa: ASYNC109  likewise
) -> AsyncIterator[SendResult]:
    """Send the files, and those in the folders, among *paths*; yield what came of each. Nothing is transcoded.

    Each association proposes what its files are. More than 128 kinds of files need more than one.
    """
    instances: list[Instance] = []
    for path in files_in(paths):
        read = await asyncio.to_thread(read_instance, path)
        if isinstance(read, Instance):
            instances.append(read)
        else:
            yield read
    unreachable = await _unreachable(host, port, timeout) if instances else ""
    if unreachable:
        for instance in instances:
            yield SendResult(instance.path, instance.sop_instance_uid, None, unreachable)
        return
    for batch in batches(instances):
        async for result in _send_batch(batch, _entity(calling, timeout), (called, host, port)):
            yield result


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield *paths* in order, each folder replaced by all files below it, sorted."""
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.rglob("*")) if each.is_file())
        else:
            yield path


def read_instance(path: Path) -> Instance | SendResult:
    """Return what the File Meta Information says of *path*, or why it cannot be sent."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns about odd values and quotes them
            meta, _ = split_dataset(path)
            named = [str(meta.get(name, "")) for name in ("MediaStorageSOPInstanceUID", "MediaStorageSOPClassUID")]
            syntax = str(meta.get("TransferSyntaxUID", ""))
    except OSError:
        return SendResult(path, "", None, "the file cannot be read")
    except Exception:  # noqa: BLE001  pydicom promises no single error for octets that make no sense
        return SendResult(path, "", None, "not a DICOM Part 10 file")
    if not all((*named, syntax)):
        return SendResult(path, named[0], None, "SOP class, SOP instance or transfer syntax missing in group 0002")
    return Instance(path, sop_class_uid=named[1], sop_instance_uid=named[0], transfer_syntax_uid=syntax)


def batches(instances: Iterable[Instance]) -> list[list[Instance]]:
    """Return *instances* in runs of at most 128 different presentation contexts."""
    runs: list[list[Instance]] = []
    kinds: set[tuple[str, str]] = set()
    for instance in instances:
        if not runs or (len(kinds) == MAX_CONTEXTS and instance.syntaxes not in kinds):
            runs.append([])
            kinds = set()
        runs[-1].append(instance)
        kinds.add(instance.syntaxes)
    return runs


async def _unreachable(host: str, port: int, seconds: float) -> str:
    """Return why nobody can be reached there, or nothing.

    Asked first because pynetdicom says "aborted" of whatever goes wrong, and leaks its socket when it cannot connect.
    """
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:  # TimeoutError is one
        return f"no connection: {(error.strerror or 'no answer').lower()}"
    writer.close()
    return ""


def _entity(calling: str, timeout: float) -> Any:
    hush_pynetdicom()
    entity = AE(ae_title=calling)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.maximum_pdu_size = 131072
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = timeout
    return entity


def _echo(entity: Any, called: str, host: str, port: int) -> EchoResult:
    association = entity.associate(host, port, ae_title=called)
    if not association.is_established:
        return EchoResult(None, _why_not(association))
    try:
        response = association.send_c_echo()
    except ValueError:
        return EchoResult(None, "the peer does not accept C-ECHO")
    finally:
        association.release()
    return EchoResult(_status(response), "" if _status(response) else "no response")


async def _send_batch(batch: list[Instance], entity: Any, peer: tuple[str, str, int]) -> AsyncIterator[SendResult]:
    for syntaxes in dict.fromkeys(instance.syntaxes for instance in batch):
        entity.add_requested_context(*syntaxes)
    association = await asyncio.to_thread(_associate, entity, *peer)
    try:
        for instance in batch:
            yield await asyncio.to_thread(_store, association, instance)
    finally:
        await asyncio.to_thread(association.release)


def _associate(entity: Any, called: str, host: str, port: int) -> Any:
    # The only way in which pynetdicom sends a file without decoding it. It is a switch of the process, but of nothing
    # else that Hilum does.
    _config.STORE_SEND_CHUNKED_DATASET = True
    return entity.associate(host, port, ae_title=called)


def _store(association: Any, instance: Instance) -> SendResult:
    status, reason = None, ""
    if not association.is_established:
        reason = _why_not(association)
    else:
        try:
            status = _status(association.send_c_store(instance.path))
            reason = "" if status else "no response"
        except ValueError:
            reason = "the peer does not accept its SOP class in its transfer syntax"
        except (OSError, RuntimeError):
            reason = "the association was lost"
    return SendResult(instance.path, instance.sop_instance_uid, status, reason)


def _status(response: Any) -> str | None:
    return f"{response.Status:04X}" if "Status" in response else None


def _why_not(association: Any) -> str:
    """Return why there is no association, in fixed words."""
    # Where the peer rejects and hangs up at once, pynetdicom gives up before it has read why: the answer still waits.
    answer = association.acceptor.primitive or association.dul.peek_next_pdu()
    if not isinstance(answer, A_ASSOCIATE) or not answer.result:
        return "the peer aborted the association"
    code = (answer.result, answer.result_source, answer.diagnostic)
    known = next((each.name for each in Refusal if each.value == code), "/".join(map(str, code)))
    return f"association rejected: {known.lower().replace('_', ' ')}"

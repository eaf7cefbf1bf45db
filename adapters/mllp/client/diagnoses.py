"""Why a message did not get through to a receiver, for people who act."""

import asyncio
import ipaddress
import socket
import ssl

from adapters.mllp.client.events import Cause as Why
from adapters.mllp.client.events import MaybeSent, NotSent
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.connection_faults import addresses, diagnose_connecting, diagnose_name, diagnose_slowness, told
from gateway.contract.sending import Address
from gateway.contract.tls_faults import diagnose_tls

LOOK_UP_SECONDS = 1.0
BROKE = Diagnosis(Cause.CONNECTION_BROKE)
OTHER = Diagnosis(Cause.OTHER_CONTENT)
CAUSES = {
    Why.NOT_SENT: BROKE,
    Why.CLOSED: BROKE,
    Why.RESET: BROKE,
    Why.CLOSED_FIRST: BROKE,
    Why.NOT_MLLP: OTHER,
    Why.NO_VERDICT: OTHER,
    Why.NAMES_NONE: OTHER,
    Why.NAMES_ANOTHER: OTHER,
    Why.SPOKE_FIRST: OTHER,
    Why.TOO_MUCH: OTHER,
    Why.TOO_EARLY: OTHER,
}
IN_TIME = frozenset({Why.SILENT, Why.NOT_READING})


def diagnose(verdict: NotSent | MaybeSent, answer_seconds: float) -> Diagnosis:
    """Return the cause of *verdict*; the answer had *answer_seconds*."""
    if verdict.diagnosis is not None:
        return verdict.diagnosis
    cause = next((each for each in Why if verdict.cause.startswith(each)), None)  # some name a fault behind it
    if cause in IN_TIME:
        return Diagnosis(Cause.NO_ANSWER, {"seconds": f"{answer_seconds:g}"})
    return CAUSES.get(cause, BROKE) if cause is not None else BROKE


async def diagnose_dial(
    error: Exception, address: Address, seconds: float, *, speaks_tls: bool, shows_certificate: bool
) -> Diagnosis:
    """Return the cause of the *error* of connecting to *address* within *seconds*."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return diagnose_name(address.host, error)
    if isinstance(error, ssl.SSLError):
        return diagnose_handshake(error, address, shows_certificate=shows_certificate)
    if speaks_tls and isinstance(error, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
        return Diagnosis(Cause.TLS_FAILED, {"error": "closed"})
    found = await _addresses(address)
    if isinstance(error, TimeoutError):
        return diagnose_slowness(found, seconds)
    return diagnose_connecting(error, found, seconds)


def diagnose_handshake(error: ssl.SSLError, address: Address, *, shows_certificate: bool) -> Diagnosis:
    """Return the cause of the *error* of TLS with the receiver at *address*."""
    diagnosis = diagnose_tls(error, address.host, shows_certificate=shows_certificate)
    if diagnosis.cause is Cause.SPEAKS_NO_TLS:
        return Diagnosis(diagnosis.cause, {"address": told(address.host, address.port)})
    return diagnosis


async def _addresses(address: Address) -> str:
    """Return what was tried: the event loops do not tell it, so the name is looked up once more."""
    host, port = address.host, address.port
    try:
        ipaddress.ip_address(host)
        return told(host, port)
    except ValueError:
        pass
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    return addresses(found, host, port)

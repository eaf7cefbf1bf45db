"""Why there is no connection to another host, as a diagnosis."""

import errno
import re
import socket
from collections.abc import Iterable
from typing import Any

from gateway.contract.causes import Cause, Diagnosis

MOST_ADDRESSES = 3
ERRNO = re.compile(r"\[Errno (\d{1,4})\]")
RESOLVER_CODES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}


def told(host: str, port: int) -> str:
    """Return an address with its port as it is written."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def addresses(found: Iterable[Any], host: str, port: int) -> str:
    """Return the addresses that ``getaddrinfo`` has *found*, not more than MOST_ADDRESSES; *host* if there is none."""
    listed = list(dict.fromkeys(told(str(each[4][0]), port) for each in found))
    more = ["..."] if len(listed) > MOST_ADDRESSES else []
    return ", ".join([*listed[:MOST_ADDRESSES], *more]) or told(host, port)


def diagnose_name(name: str, error: Exception | None = None) -> Diagnosis:
    """Return the cause where *name* has no address: the resolver's *error*, or it did not answer in time."""
    if error is None:
        return Diagnosis(Cause.NAME_UNKNOWN, {"name": name[:253], "code": "timeout"})
    code = RESOLVER_CODES.get(error.errno or 0, "") if isinstance(error, socket.gaierror) else ""
    return Diagnosis(Cause.NAME_UNKNOWN, {"name": name[:253], **({"code": code} if code else {})})


def diagnose_slowness(address: str, seconds: float) -> Diagnosis:
    """Return the cause where *address* did not answer at all within *seconds*."""
    return Diagnosis(Cause.NO_CONNECTION, {"address": address, "seconds": f"{seconds:g}"})


def diagnose_connecting(error: Exception, address: str, seconds: float) -> Diagnosis:
    """Return the cause of the *error* of connecting to *address*, or to several of them."""
    numbers = _numbers(error)
    if errno.ECONNREFUSED in numbers:  # one of several addresses answers: the host is there
        return Diagnosis(Cause.CONNECTION_REFUSED, {"address": address})
    if errno.ETIMEDOUT in numbers or isinstance(error, TimeoutError):
        return diagnose_slowness(address, seconds)
    name = errno.errorcode.get(numbers[0], "") if numbers else ""
    return Diagnosis(Cause.NO_ROUTE_TO_HOST, {"address": address, **({"error": name} if name else {})})


def _numbers(error: Exception) -> list[int]:
    number = error.errno if isinstance(error, OSError) else None
    return [number] if number else [int(each) for each in ERRNO.findall(str(error))]

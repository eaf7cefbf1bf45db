"""The causes of a missing connection, by the errors of the system and of both event loops."""

import errno
import socket

import pytest

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.connection_faults import addresses, diagnose_connecting, diagnose_name, told

HERE = {"address": "10.0.0.5:104"}
ERRORS: dict[str, tuple[Exception, Diagnosis]] = {
    "refused": (OSError(errno.ECONNREFUSED, "?"), Diagnosis(Cause.CONNECTION_REFUSED, HERE)),
    "one refused, one without a route": (
        OSError("Multiple exceptions: [Errno 101] ?, [Errno 111] ?"),
        Diagnosis(Cause.CONNECTION_REFUSED, HERE),
    ),
    "the system's time-out": (
        OSError(errno.ETIMEDOUT, "?"),
        Diagnosis(Cause.NO_CONNECTION, {**HERE, "seconds": "5"}),
    ),
    "ours": (TimeoutError(), Diagnosis(Cause.NO_CONNECTION, {**HERE, "seconds": "5"})),
    "no route": (
        OSError(errno.EHOSTUNREACH, "?"),
        Diagnosis(Cause.NO_ROUTE_TO_HOST, {**HERE, "error": "EHOSTUNREACH"}),
    ),
    "something of uvloop's": (RuntimeError("?"), Diagnosis(Cause.NO_ROUTE_TO_HOST, HERE)),
}


@pytest.mark.parametrize(("error", "diagnosis"), ERRORS.values(), ids=ERRORS)
def test_errors(error: Exception, diagnosis: Diagnosis) -> None:
    """Of several addresses one that refuses counts most: its host is there."""
    assert diagnosis == diagnose_connecting(error, HERE["address"], 5.0)


def test_names() -> None:
    """A name is told with the resolver's code, if it has one."""
    error = socket.gaierror(socket.EAI_NONAME, "?")
    assert Diagnosis(Cause.NAME_UNKNOWN, {"name": "pacs", "code": "EAI_NONAME"}) == diagnose_name("pacs", error)
    assert Diagnosis(Cause.NAME_UNKNOWN, {"name": "pacs"}) == diagnose_name("pacs", UnicodeError())
    assert Diagnosis(Cause.NAME_UNKNOWN, {"name": "pacs", "code": "timeout"}) == diagnose_name("pacs")


def test_addresses() -> None:
    """A few addresses are told, each once; without one the name is."""
    found = [(0, 0, 0, "", (host, 1)) for host in ("::1", "10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3")]
    assert "[::1]:104, 10.0.0.1:104, 10.0.0.2:104, ..." == addresses(found, "pacs", 104)
    assert "pacs:104" == addresses([], "pacs", 104)
    assert "[::1]:104" == told("::1", 104)

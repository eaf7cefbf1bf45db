"""Structured logging, payloads kept out."""

import io
import json
import logging
import os
import socket
import warnings
from collections.abc import Iterator
from enum import StrEnum

import pytest
import structlog

from gateway.telemetry import log
from gateway.telemetry.log import LEVELS, LogFormat, configure


def test_one_json_object_a_line() -> None:
    """An event is one JSON object on one line, with its level and time."""
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().info("message_answered", listener="adt", answer="AA")
    event = json.loads(stream.getvalue())
    assert ("message_answered", "adt", "info") == (event["event"], event["listener"], event["level"])
    assert event["time"].endswith("Z")


def test_level() -> None:
    """Events below the level are not written."""
    stream = io.StringIO()
    configure(level="warning", stream=stream)
    structlog.get_logger().info("message_answered")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_levels(level: str) -> None:
    """Events of each level and of those above are written, with the fields of their logger and their own ones."""
    stream = io.StringIO()
    configure(level=level, stream=stream)
    logger = structlog.get_logger().bind(listener="adt", peer="bound")
    for name in LEVELS:
        getattr(logger, name)("something_happened", peer="own")
    logger.log(logging.ERROR, "something_happened", peer="own")
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [*LEVELS[LEVELS.index(level) :], "error"] == [each["level"] for each in events]
    assert {("adt", "own", "something_happened")} == {
        (each["listener"], each["peer"], each["event"]) for each in events
    }


def test_an_exception() -> None:
    """The methods that are structlog's own end in the same line."""
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().exception("something_failed", exc_info=False)
    assert "error" == json.loads(stream.getvalue())["level"]


@pytest.mark.parametrize("is_alone", [False, True], ids=["beside others", "alone"])
def test_one_process(is_alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's only process writes many lines at once."""
    monkeypatch.setattr("gateway.telemetry.log_writer.LINGER_SECONDS", 0.2)
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # each write is a datagram
    with reader, writer, os.fdopen(writer.detach(), "w") as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        configure()
        if is_alone:
            log.write_alone()
        for number in range(20):
            structlog.get_logger().warning("something_happened", text=f"{number:1000}")
        sizes: list[int] = []
        while sum(sizes) < 20_000:
            sizes.append(len(reader.recv(2**20)))
    configure(stream=io.StringIO())
    assert is_alone == (max(sizes) > 4096)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_common_fields(log_format: LogFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process adds to its lines is in each of them."""
    stream = io.StringIO()
    monkeypatch.setattr(log, "_common", {})
    configure(log_format, stream=stream)
    log.add_to_each_line(worker=7)
    for event in ("gateway_started", "gateway_stopped"):
        structlog.get_logger().info(event)
    assert 2 == len([line for line in stream.getvalue().splitlines() if "worker" in line and "7" in line])


def test_library_text_is_kept_out() -> None:
    """A library's log record becomes its place and the exception's type, never its text."""
    stream = io.StringIO()
    configure(stream=stream)
    try:
        raise ValueError("DOE^JANE")
    except ValueError:
        logging.getLogger("aiohttp.server").exception("Error handling request from %s", "DOE^JANE")
    event = json.loads(stream.getvalue())
    assert ("aiohttp.server", "ValueError") == (event["library"], event["exception"])
    assert "DOE" not in stream.getvalue()


def test_warning_text_is_kept_out() -> None:
    """A library's Python warning, which may quote a data set, tells only its place."""
    stream = io.StringIO()
    configure(stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("Invalid value for VR PN: DOE^JANE", stacklevel=1)
    assert json.loads(stream.getvalue())["library"] == "py.warnings"
    assert "DOE" not in stream.getvalue()


def test_console() -> None:
    """The console format is for people: no JSON."""
    stream = io.StringIO()
    configure("console", stream=stream)
    structlog.get_logger().info("gateway_started", admin_port=8080)
    assert "gateway_started" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


class Odd(StrEnum):
    """A string type with its own repr, which is escaped as well."""

    ODD = "odd\x1b[2J"


OBEYED = {
    "in a value": {"control_id": "C1\x1b[2J"},
    "in a value with blanks": {"reason": "no \x1b]0;root\x07 room"},
    "a control of eight bits": {"control_id": "C1\x9b2J"},
    "another line": {"control_id": "C1\n2026-11-28 [info] message_answered answer=AA"},
    "the same line again": {"control_id": "C1\r2026-11-28"},
    "the direction of the text": {"control_id": "C1\u202e2C"},
    "in a list": {"names": ["CN\x1b[2J"]},
    "in a name": {"\x1b[2J": 1},
    "in an enumeration": {"reason": Odd.ODD},
}


@pytest.mark.parametrize("values", OBEYED.values(), ids=OBEYED)
@pytest.mark.parametrize("log_format", ["console", "json"])
def test_terminal(log_format: LogFormat, values: dict[str, object]) -> None:
    """Text from a peer is shown to the operator with control characters escaped."""
    stream = io.StringIO()
    configure(log_format, stream=stream)
    structlog.get_logger().info("message_answered", **values)
    line = stream.getvalue()
    assert line.endswith("\n")
    assert line[:-1].isprintable()


def test_one_write_a_line() -> None:
    """A line is one write, so that lines of several workers do not mix."""

    class Unbuffered(io.StringIO):
        writes = 0

        def write(self, text: str) -> int:
            Unbuffered.writes += 1
            return super().write(text)

    stream = Unbuffered()
    configure(stream=stream)
    structlog.get_logger().info("something_happened")
    assert (1, 1) == (Unbuffered.writes, stream.getvalue().count("\n"))


@pytest.fixture
def keyed() -> Iterator[None]:
    """Keep the identifiers of one listener as digests."""
    log.keep_identifiers(["his"], lambda listener, identifier: f"digest of {len(identifier)} at {listener}")
    yield
    log.keep_identifiers([], str.join)


@pytest.mark.usefixtures("keyed")
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_keyed_identifiers(log_format: LogFormat) -> None:
    """Identifiers of a keyed listener, or of none that is named, are logged as digests; those of others in clear."""
    stream = io.StringIO()
    configure(log_format, stream=stream)
    logger = structlog.get_logger()
    logger.bind(listener="his").info("message_answered", control_id="0000815", octets=7)
    logger.info("message_sent_again", sop_instance_uid="1.2.815")
    logger.info("message_answered", listener="lab", control_id="IN-CLEAR")
    text = stream.getvalue()
    assert "0000815" not in text
    assert "1.2.815" not in text
    assert 2 == text.count("digest of 7 at his")
    assert "IN-CLEAR" in text


def test_no_keyed_identifiers() -> None:
    """Where no listener is keyed, identifiers are logged as they are."""
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().info("message_sent_again", control_id="IN-CLEAR")
    assert "IN-CLEAR" in stream.getvalue()

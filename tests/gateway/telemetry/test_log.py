"""Structured logging, payloads kept out."""

import io
import json
import logging
import warnings
from enum import StrEnum

import pytest
import structlog

from gateway.telemetry.log import LogFormat, configure


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

"""Structured logging to stderr, without payloads: one JSON object per line, or lines for people.

A thread writes the lines, so that a slow or dead reader does not block the event loop.

The log record of a library may quote its input. So only the place and the type of the exception are taken from such a
record, never its text.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog

from gateway.telemetry.json_line import JsonLine
from gateway.telemetry.log_writer import LogWriter
from gateway.telemetry.terminal import visible

LogFormat = Literal["json", "console"]
_common: dict[str, object] = {}


def configure(
    log_format: LogFormat = "json", level: str = "info", stream: TextIO | None = None, *, for_good: bool = False
) -> None:
    """Send Hilum's events and the libraries' warnings to *stream*; without one, to stderr from a thread.

    *for_good* makes logging faster: each logger keeps the configuration that it had at its first use.
    """
    lines = LineLoggers(stream or sys.stderr, in_thread=stream is None)
    structlog.configure(
        processors=_for_people(colors=lines.for_people) if log_format == "console" else [JsonLine(_common)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lines,
        cache_logger_on_first_use=for_good,
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers = [LibraryHandler(logging.WARNING)]
    root.setLevel(logging.WARNING)


class LineLoggers:
    """Makes structlog's loggers. Each line is one write, because several workers write to the same stream."""

    def __init__(self, stream: TextIO, *, in_thread: bool) -> None:
        self.for_people = stream.isatty()
        self._log_writer = _log_writer(stream) if in_thread else None
        self._factory = structlog.WriteLoggerFactory(stream)

    def __call__(self, *args: object) -> "structlog.WriteLogger | QueueLogger":
        """Return a logger; structlog calls this at the first event of each module-level logger."""
        return self._factory(*args) if self._log_writer is None else QueueLogger(self._log_writer)

    @property
    def dropped(self) -> int:
        """Number of lines that could not be written, or not in time."""
        return 0 if self._log_writer is None else self._log_writer.dropped


class QueueLogger:
    """Puts lines into the queue of a LogWriter: structlog calls the method that has the name of the level."""

    def __init__(self, log_writer: LogWriter) -> None:
        self._write = log_writer.write

    def msg(self, line: str) -> None:
        """Queue *line*."""
        self._write(line + "\n")

    debug = info = warn = warning = error = exception = critical = fatal = log = msg


def add_to_each_line(**fields: object) -> None:
    """Add *fields* to each line that this process logs from now on."""
    _common.update(fields)


def _log_writer(stream: TextIO) -> LogWriter | None:
    """Return a writer for the descriptor of *stream*; None if it has no descriptor and is written to directly."""
    try:
        descriptor = stream.fileno()
    except OSError:
        return None
    return LogWriter(descriptor, lambda count: structlog.get_logger().error("log_lines_dropped", count=count))


def dropped_lines() -> int:
    """Return how many lines this process could not write."""
    loggers = structlog.get_config()["logger_factory"]
    return loggers.dropped if isinstance(loggers, LineLoggers) else 0


def _for_people(*, colors: bool) -> list[structlog.typing.Processor]:
    return [
        _add_common,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _make_visible,
        structlog.dev.ConsoleRenderer(colors=colors),
    ]


def _add_common(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {**_common, **event}


def _make_visible(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape control characters in strings; other values are written with repr(), which escapes them too."""
    return {visible(name): visible(value) if isinstance(value, str) else value for name, value in event.items()}


class LibraryHandler(logging.Handler):
    """Turns a library's record into an event without the record's text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log which library logged, from which place, and the type of the exception."""
        kind = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno,
            "library_warned",
            library=record.name,
            place=f"{record.module}:{record.lineno}",
            exception=kind.__name__ if kind else None,
        )

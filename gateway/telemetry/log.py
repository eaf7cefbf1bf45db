"""Structured logging to stderr, without payloads: one JSON object per line, or lines for people.

A thread writes the lines, so that a slow or dead reader does not block the event loop.

The log record of a library may quote its input. So only the place and the type of the exception are taken from such a
record, never its text.
"""

import logging
import sys
from collections.abc import Callable, Collection, MutableMapping
from typing import Any, Literal, TextIO

import structlog

from gateway.telemetry.json_line import JsonLine
from gateway.telemetry.log_writer import LogWriter
from gateway.telemetry.terminal import visible

LogFormat = Literal["json", "console"]
LEVELS = ("debug", "info", "warning", "error")
IDENTIFIERS = ("control_id", "sop_instance_uid")
"""The fields that the journal keeps as a digest where ``identifiers`` is ``keyed``."""
_common: dict[str, object] = {}
_keyed: dict[str, Callable[[str, str], str]] = {}


def configure(
    log_format: LogFormat = "json", level: str = "info", stream: TextIO | None = None, *, for_good: bool = False
) -> None:
    """Send Hilum's events and the libraries' warnings to *stream*; without one, to stderr from a thread.

    *for_good* makes logging faster: each logger keeps the configuration that it had at its first use.
    """
    lines = LineLoggers(stream or sys.stderr, in_thread=stream is None)
    least = logging.getLevelNamesMapping()[level.upper()]
    for_people = log_format == "console"
    structlog.configure(
        processors=_for_people(colors=lines.for_people) if for_people else [JsonLine(_common)],
        wrapper_class=structlog.make_filtering_bound_logger(least) if for_people else _json_logger(least),
        logger_factory=lines,
        cache_logger_on_first_use=for_good,
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers = [LibraryHandler(logging.WARNING)]
    root.setLevel(logging.WARNING)


def _json_logger(least: int) -> type[structlog.typing.FilteringBoundLogger]:
    """Return structlog's class of loggers with methods that take half the calls."""
    methods = {each: _json_method(each) for each in LEVELS if logging.getLevelNamesMapping()[each.upper()] >= least}
    return type("JsonLogger", (structlog.make_filtering_bound_logger(least),), methods)


def _json_method(level: str) -> Callable[..., None]:
    def method(self: Any, event: str, **fields: Any) -> None:
        try:
            told = {**self._context, **fields, "event": event}
            if _keyed:
                _digest(told)
            line = self._processors[0](self._logger, level, told)
        except structlog.DropEvent:  # as the loggers of tests do
            return
        self._logger.msg(line)

    return method


class LineLoggers:
    """Makes structlog's loggers. Each line is one write, because several workers write to the same stream."""

    def __init__(self, stream: TextIO, *, in_thread: bool) -> None:
        self.for_people = stream.isatty()
        self._log_writer = _log_writer(stream) if in_thread else None
        self._factory = structlog.WriteLoggerFactory(stream)

    def __call__(self, *args: object) -> "structlog.WriteLogger | QueueLogger":
        """Return a logger; structlog calls this at the first event of each module-level logger."""
        return self._factory(*args) if self._log_writer is None else QueueLogger(self._log_writer)

    def write_alone(self) -> None:
        """Write more lines at once: no other process of the gateway writes to the stream."""
        if self._log_writer is not None:
            self._log_writer.write_alone()

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


def keep_identifiers(keyed: Collection[str], kept: Callable[[str, str], str]) -> None:
    """Log from now on what *kept* returns for a listener of *keyed* and an identifier of its messages."""
    _keyed.clear()
    _keyed.update(dict.fromkeys(keyed, kept))


def _digest(event: MutableMapping[str, Any]) -> None:
    """Replace the identifiers of an event that is of a keyed listener, or does not say of which it is."""
    listener = event.get("listener", next(iter(_keyed)))
    if (kept := _keyed.get(listener)) is not None:
        event.update({name: kept(listener, event[name]) for name in IDENTIFIERS if isinstance(event.get(name), str)})


def write_alone() -> None:
    """Take note that this is the gateway's only process: no other one writes lines to its stderr."""
    loggers = structlog.get_config()["logger_factory"]
    if isinstance(loggers, LineLoggers):
        loggers.write_alone()


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
    told = {**_common, **event}
    if _keyed:
        _digest(told)
    return told


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

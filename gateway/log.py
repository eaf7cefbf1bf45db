"""Structured logging: one JSON object a line on stderr, or lines for people; payloads kept out.

What a library logs may quote what it was given. So of a library's records only the place and the kind of the exception
are kept, never the text.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog

LogFormat = Literal["json", "console"]


def configure(
    log_format: LogFormat = "json", level: str = "info", stream: TextIO | None = None, *, for_good: bool = False
) -> None:
    """Send Hilum's events and the libraries' warnings to *stream* (stderr by default).

    *for_good* makes each logger cheaper and keeps it as it was when first used.
    """
    stream = stream or sys.stderr
    renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty()) if log_format == "console" else _json_renderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(stream),  # a line in one write: workers share the stream
        cache_logger_on_first_use=for_good,
    )
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers = [LibraryHandler(logging.WARNING)]
    root.setLevel(logging.WARNING)


def _json_renderer() -> structlog.typing.Processor:
    return structlog.processors.JSONRenderer(sort_keys=False)


class LibraryHandler(logging.Handler):
    """Turns a library's record into an event without the record's text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log where the library spoke and which exception it met."""
        kind = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno,
            "library_warned",
            library=record.name,
            place=f"{record.module}:{record.lineno}",
            exception=kind.__name__ if kind else None,
        )

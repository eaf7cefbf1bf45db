"""Handlers for uncaught exceptions: they log the type of an exception and where it was raised, never its text.

The text of an exception may quote payload, and so may the representations of other objects that a handler gets. So the
interpreter's hooks and the event loop's handler are replaced by handlers that print neither.
"""

import asyncio
import sys
import threading
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger()

MOST_PLACES = 12


def install_exception_hooks() -> None:
    """Replace the interpreter's hooks, which print uncaught exceptions with their text."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: report(args.exc_value, "thread")
    sys.unraisablehook = lambda args: report(args.exc_value, "destructor")


def handle_in_loop(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Log an exception that the event loop reports; for ``set_exception_handler``.

    The context's message is a fixed text of asyncio, except "Exception in callback …", which quotes the callback.
    """
    error = context.get("exception")
    message = str(context.get("message", "")).partition(" in callback")[0]
    report(error if isinstance(error, BaseException) else None, "event loop", message)


def report(error: BaseException | None, where: str, message: str | None = None) -> None:
    """Log *error* without its text."""
    log.error(
        "uncaught_exception",
        where=where,
        message=message,
        exception=type(error).__name__ if error is not None else None,
        places=_places(error),
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        report(error, "main")


def _places(error: BaseException | None) -> list[str]:
    """Return module and line of the innermost frames, the innermost last."""
    if error is None or error.__traceback__ is None:
        return []
    frames = list(traceback.walk_tb(error.__traceback__))[-MOST_PLACES:]
    return [f"{frame.f_globals.get('__name__', '?')}:{line}" for frame, line in frames]

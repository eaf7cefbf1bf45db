"""What becomes of an exception that nobody caught: its type and its places are logged, never its text.

A text may quote what was being handled, and so may the representation of whatever else a handler is told of. So the
interpreter's hooks and the event loop's handler are replaced by ones that print neither.
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


def tame_hooks() -> None:
    """Take over from the interpreter what it would print of exceptions in this process."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: report(args.exc_value, "thread")
    sys.unraisablehook = lambda args: report(args.exc_value, "destructor")


def handle_in_loop(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Report what the event loop was told; for ``set_exception_handler``.

    The context's message is asyncio's own and fixed but for "Exception in callback …", which quotes the callback.
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

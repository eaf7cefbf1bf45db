"""Times and durations as people read them. Every time of day is a ``<time>``, which the script shows in local time."""

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

IN_TEXT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")
"""How a sentence holds a time, so that whoever shows the sentence can show it in the reader's zone."""
FAR = 20 * 3600
UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def moment(epoch: float, now: float) -> Markup:
    """Return *epoch* as an element: the time of day, and with the date if that is long ago or far ahead."""
    when = datetime.fromtimestamp(epoch, UTC)
    shown = f"{when:%H:%M} UTC" if abs(now - epoch) < FAR else f"{when.day} {when:%b %Y %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(f"{when:%Y-%m-%dT%H:%M:%SZ}", shown)


def second(epoch: float, now: float) -> Markup:
    """Return *epoch* as :func:`moment` does, with its seconds: where the order of events matters."""
    when = datetime.fromtimestamp(epoch, UTC)
    shown = f"{when:%H:%M:%S} UTC" if abs(now - epoch) < FAR else f"{when.day} {when:%b %Y %H:%M:%S} UTC"
    return Markup('<time datetime="{}" data-seconds>{}</time>').format(f"{when:%Y-%m-%dT%H:%M:%SZ}", shown)


def short(seconds: float) -> str:
    """Return a duration that may be short: ``4 ms``, ``0.35 s``, ``14 s``, ``3 min``."""
    if seconds < 0.1:
        return f"{max(0.0, seconds) * 1000:.2g} ms"
    return f"{seconds:.2g} s" if seconds < 10 else lasting(seconds)


def with_times(text: str, now: float) -> Markup:
    """Return *text* escaped, with each time in it as an element."""
    if "Z" not in text:  # as in nearly every text
        return escape(text)
    shown, end = Markup(""), 0
    for found in IN_TEXT.finditer(text):
        shown += escape(text[end : found.start()]) + _moment_of(found[0], now)
        end = found.end()
    return shown + escape(text[end:])


def _moment_of(text: str, now: float) -> Markup:
    try:
        return moment(datetime.fromisoformat(text).timestamp(), now)
    except ValueError:  # such as the 31st of February, in a text of somebody else
        return escape(text)


def lasting(seconds: float) -> str:
    """Return a duration in its largest two units: ``14 min``, ``3 h 52 min``, ``2 d 4 h``."""
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2 or (parts and unit == "min"):
            break
    return " ".join(filter(None, parts)) or "0 s"


def age(seconds: float) -> str:
    """Return how long something has lasted. It changes once a minute at most, so that a page does not flicker."""
    return lasting(seconds) if seconds >= 60 else "less than a minute"


def ago(seconds: float) -> str:
    """Return how long ago something was, likewise."""
    return f"{lasting(seconds)} ago" if seconds >= 60 else "just now"

"""Numbers, durations and names in the words that operators read."""

from collections.abc import Mapping, Sequence

LONGEST = 120
"""More characters of a value from outside are not shown."""
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TIMES = frozenset({"due", "since"})
"""Details that are times without ``_at`` at their end."""
UNITS = ((86400.0, "days"), (3600.0, "h"), (60.0, "min"))


def plain(text: str) -> str:
    """Return a value that somebody else may have chosen, such as an AE title, without control characters."""
    return printable(text[:LONGEST])


def printable(text: str) -> str:
    """Return *text* without anything that would change a terminal or a page."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def duration(seconds: float) -> str:
    """Return a duration in the largest unit of which it has at least two: ``14 s``, ``3 min``, ``9 h``, ``3 days``."""
    for size, unit in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def number(count: int) -> str:
    """Return a number in words up to ten, as at the beginning of a sentence: ``Two``, ``412``."""
    return SMALL[count].capitalize() if 0 <= count < len(SMALL) else str(count)


def times(count: int) -> str:
    """Return how often: ``once``, ``twice``, ``9 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def several(count: int, one: str, many: str) -> str:
    """Return a number with its noun: ``1 message``, ``412 messages``."""
    return f"{count} {one if count == 1 else many}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names as a list in words: ``CT1, CT2 and MR1``; of many only the first."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def size(octets: float) -> str:
    """Return a number of octets: ``0.8 GiB``."""
    value, unit = octets, "octets"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024 and not (unit == "MiB" and abs(value) >= 100):
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if unit == "octets" or abs(value) >= 100 else f"{value:.1f} {unit}"


def with_ages(details: Mapping[str, str], now: float) -> dict[str, str]:
    """Return *details* as text that can be shown; for each time ``X_at`` also ``X_ago`` or, if it is ahead, ``X_in``.

    A clock time inside a sentence would be in the time zone of the gateway, while the page shows that of the reader.
    """
    shown = {name: plain(value) for name, value in details.items()}
    for name, value in details.items():
        if name.endswith("_at") or name in TIMES:
            try:
                seconds = now - float(value)
            except ValueError:
                continue
            what = name.removesuffix("_at")
            shown |= {f"{what}_ago": duration(seconds)} if seconds >= 0 else {f"{what}_in": duration(-seconds)}
    return shown

"""The operator who runs a command: their name, lines for them, and the question for confirmation."""

import asyncio
import os
import pwd
import sys

LONGEST_NAME = 64
YES = frozenset({"y", "yes"})


def operator_name() -> str:
    """Return the name of the user that runs this process, with the user who called ``sudo``, if any."""
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:  # as in a container
        user = f"uid {uid}"
    behind = os.environ.get("SUDO_USER", "")
    if not behind.isprintable() or not 0 < len(behind) <= LONGEST_NAME or behind == user:
        return user
    return f"{user} (sudo: {behind})"


def say(line: str) -> None:
    """Print a line for people to stderr; it is not part of the command's result."""
    print(line, file=sys.stderr)  # noqa: T201  the command line speaks to a person


def is_terminal() -> bool:
    """Return whether a person can be asked at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def ask(question: str) -> bool:
    """Ask at the terminal; every answer but "y" and "yes" means no. Ctrl-C ends the wait."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    loop, answered = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), answered.set)
    try:
        await answered.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower() in YES

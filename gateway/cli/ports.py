"""Ports on the command line."""

import argparse

MOST = 65535


def port(text: str) -> int:
    """Parse a TCP port to bind, 0 for a free one; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"{text!r} is not a TCP port; write a number from 0 (a free one) to {MOST}")
    return int(text)

"""Coloured lines in a width."""

import pytest

from gateway.cli.operating.cutting import cut

RED, PLAIN = "\x1b[31;1m", "\x1b[0m"
CASES = {
    "it fits": ("abc", 3, "abc"),
    "it is too long": ("abcd", 3, "ab…"),
    "colours take no room": (f"{RED}abc{PLAIN}", 3, f"{RED}abc{PLAIN}"),
    "colours end": (f"{RED}abcd{PLAIN}e", 3, f"{RED}ab…{PLAIN}"),
    "cut after colours": (f"{RED}ab{PLAIN}cd", 3, f"{RED}ab{PLAIN}…{PLAIN}"),
    "no room": ("abc", 0, ""),
    "nothing": ("", 5, ""),
}


@pytest.mark.parametrize(("line", "width", "shown"), CASES.values(), ids=CASES)
def test_cut(line: str, width: int, shown: str) -> None:
    """What does not fit is left out, and no escape sequence is cut in two."""
    assert shown == cut(line, width)

"""Commands that are imported when they run."""

import sys

from gateway.cli.later import Later, LaterModule


def test_not_imported_before() -> None:
    """To name a function of a module does not import it; to call it does."""
    sys.modules.pop("this", None)
    later = LaterModule("colorsys").rgb_to_hls
    sys.modules.pop("colorsys", None)
    assert "colorsys" not in sys.modules
    later.load()
    assert "colorsys" in sys.modules


def test_call() -> None:
    """A call is that of the function."""
    assert "5" == Later("builtins", "str")(5)

"""Commands that are imported when they run."""

import gc
import sys

import pytest

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


@pytest.mark.parametrize("module", ["colorsys", "no_such_module"])
def test_garbage_collection(module: str) -> None:
    """Garbage collection is on again after an import, also after one that fails, and stays off where it was off."""
    for is_on in (True, False):
        (gc.enable if is_on else gc.disable)()
        try:
            LaterModule(module).rgb_to_hls.load()
        except ModuleNotFoundError:
            assert module == "no_such_module"
        finally:
            was_on = gc.isenabled()
            gc.enable()
        assert was_on is is_on

"""Lazy imports: a command's module is imported when it runs, so that `hilum --version` and `--help` are fast."""

import gc
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Run = Callable[[Namespace], int]


@dataclass(frozen=True, slots=True)
class Later:
    """A function whose module is imported at the first call."""

    module: str
    name: str

    def load(self) -> Any:
        """Import the module and return the function.

        What is imported stays: garbage collection, which looks through all of it again and again, took a sixth of the
        start of a command.
        """
        was_on = gc.isenabled()
        gc.disable()
        try:
            return getattr(import_module(self.module), self.name)
        finally:
            if was_on:
                gc.enable()

    def __call__(self, argument: Any) -> Any:
        """Call the function."""
        return self.load()(argument)


class LaterModule:
    """A module whose functions can be named before it is imported."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Later:
        """Return the function *name*, without a check that it exists: a test loads all that the command line uses."""
        return Later(self._module, name)

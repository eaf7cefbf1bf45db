"""Commands that are imported when they run: `hilum --version` and `--help` need no part of the gateway."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Run = Callable[[Namespace], int]


@dataclass(frozen=True, slots=True)
class Later:
    """A function of a module that is imported at its first call."""

    module: str
    name: str

    def load(self) -> Any:
        """Return the function."""
        return getattr(import_module(self.module), self.name)

    def __call__(self, argument: Any) -> Any:
        """Call the function."""
        return self.load()(argument)


class LaterModule:
    """A module whose functions can be named before it is imported."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Later:
        """Return the function *name*; a test loads each one that the command line names."""
        return Later(self._module, name)

"""Remembers the acts that forms have asked for, so that a form that is sent twice does nothing twice."""

import secrets
from collections import OrderedDict

from gateway.admin.spool_acts import Done

MOST = 1000


class Remembered:
    """Each form has the number of its act. The acts are kept in memory, the last MOST of them."""

    def __init__(self) -> None:
        self._acts: OrderedDict[str, Done | None] = OrderedDict()

    def new(self) -> str:
        """Return the number of an act that nobody has done yet."""
        return secrets.token_urlsafe(12)

    def begin(self, act: str) -> bool:
        """Return whether the act *act* is to be done: it has not begun before."""
        if act in self._acts:
            return False
        self._acts[act] = None
        while len(self._acts) > MOST:
            self._acts.popitem(last=False)
        return True

    def done(self, act: str, result: Done) -> None:
        """Keep what became of an act."""
        self._acts[act] = result

    def failed(self, act: str) -> None:
        """Forget an act that has failed: it may be tried again."""
        self._acts.pop(act, None)

    def result(self, act: str) -> Done | None:
        """Return what became of an act; None while it is under way, or if it is not known any more."""
        return self._acts.get(act)

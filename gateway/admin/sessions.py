"""Sessions: a browser that has shown a token keeps a random cookie, and this process remembers what it stands for.

They are in memory only, bounded in number, and end after a time without use, after a shift in any case, and when the
token that was shown is no longer valid. A restart ends all of them.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from gateway.admin.callers import Caller
from gateway.admin.tokens import Proof

MOST = 200
"""Sessions at a time; a further one takes the place of the one that was not used for longest."""
IDLE_SECONDS = 2 * 3600.0
LONGEST_SECONDS = 12 * 3600.0
RANDOM_OCTETS = 32
LONGEST_NAME = 40


@dataclass(slots=True)
class Session:
    """One browser that is signed in."""

    caller: Caller
    proof: Proof
    begun: float
    used: float


class Sessions:
    """All sessions, by a digest of their cookies: what is in memory is of no use in a browser."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, proof: Proof, name: str, now: float) -> str:
        """Begin a session and return its cookie."""
        cookie = secrets.token_urlsafe(RANDOM_OCTETS)
        caller = Caller(proof.roles, said_name(name), secrets.token_urlsafe(RANDOM_OCTETS), in_session=True)
        self._sessions[_key(cookie)] = Session(caller, proof, now, now)
        while len(self._sessions) > MOST:
            self._sessions.popitem(last=False)
        return cookie

    def find(self, cookie: str, now: float) -> Session | None:
        """Return the session of *cookie*, which counts as used now; None if there is none or it has ended."""
        session = self._sessions.get(_key(cookie))
        if session is None:
            return None
        if now - session.used > IDLE_SECONDS or now - session.begun > LONGEST_SECONDS:
            self.end(cookie)
            return None
        session.used = now
        self._sessions.move_to_end(_key(cookie))
        return session

    def end(self, cookie: str) -> None:
        """End the session of *cookie*, if there is one."""
        self._sessions.pop(_key(cookie), None)


def said_name(text: str) -> str:
    """Return what somebody calls themselves, as it may stand in a log line."""
    return "".join(each for each in text.strip() if each.isprintable())[:LONGEST_NAME].strip()


def _key(cookie: str) -> bytes:
    return sha256(cookie.encode(errors="replace")).digest()

"""A token that is fetched anew before it expires.

While a token is valid no request waits: the first request within AHEAD of its expiry starts a task that fetches the
next token, and uses the old one. Requests wait only if there is no valid token, all for the same task. After a failure
the endpoint is asked again after a pause that doubles each time; meanwhile requests get the reason of the failure.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from adapters.rest.credentials.opening import bearer
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable

AHEAD = 0.25
"""The last part of a token's lifetime, in which the next one is fetched; at most AHEAD_SECONDS."""
AHEAD_SECONDS = 300.0
MARGIN = 0.05
"""The last part of a token's lifetime, in which it is not sent: it might expire on the way. At most MARGIN_SECONDS."""
MARGIN_SECONDS = 10.0
FETCH_SECONDS = 20.0
"""Longest time to fetch a token."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to fetch a token after a failure."""
REFUSED_AGAIN = 30.0
"""Seconds after a refused token in which another refusal does not make Hilum fetch a new one."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as it was given out."""

    token: str
    seconds: float
    """How long the token is valid."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token in use; times are by the clock of :class:`RenewedToken`."""

    headers: Mapping[str, str]
    renew_at: float
    expires_at: float


Fetch = Callable[[], Awaitable[Grant | Unavailable]]


class RenewedToken:
    """An ``Authorization`` whose tokens come from *fetch*."""

    def __init__(self, fetch: Fetch, now: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now = now
        self._token: Token | None = None
        self._failure = _not_fetched("no token was fetched yet")
        self._failing_since: float | None = None
        """When the first attempt failed since the last good one, by the clock of the wall."""
        self._pause = FIRST_PAUSE
        self._ask_again_at = float("-inf")
        self._refused_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    def headers(self) -> Mapping[str, str] | None:
        """Return the header with a valid token, or None if there is none."""
        token, now = self._token, self._now()
        if token is None or now >= token.expires_at:
            return None
        if now >= token.renew_at:
            self._begin(now)
        return token.headers

    async def obtain(self) -> Mapping[str, str] | Unavailable:
        """Return the header with a valid token; fetch one if there is none."""
        if (headers := self.headers()) is not None:
            return headers
        if (fetching := self._begin(self._now())) is not None:
            await asyncio.wait([fetching])  # if this request is cancelled, the task goes on for the others
        return self.headers() or self._failure

    def refuse(self, headers: Mapping[str, str]) -> bool:
        """Drop the token that the store did not accept, unless the one before was refused REFUSED_AGAIN seconds ago."""
        if self._token is None or self._token.headers is not headers:
            return True  # another request has dropped that token already
        now = self._now()
        if now < self._refused_at + REFUSED_AGAIN:
            return False
        self._refused_at = now
        self._token = None
        return True

    async def close(self) -> None:
        """Stop fetching."""
        if self._fetching is not None and not self._fetching.done():
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _begin(self, now: float) -> asyncio.Task[None] | None:
        """Return the task that fetches a token, started now if there is none; None in the pause after a failure."""
        if self._fetching is None or self._fetching.done():
            if now < self._ask_again_at:
                return None
            self._fetching = asyncio.get_running_loop().create_task(self._renew())
        return self._fetching

    async def _renew(self) -> None:
        result = await self._ask()
        header = bearer(result.token) if isinstance(result, Grant) else None
        if isinstance(result, Grant) and header is not None:
            self._keep({"Authorization": header}, result.seconds)
        elif isinstance(result, Unavailable):
            self._fail(result)
        else:
            self._fail(_not_fetched("no token could be fetched: it holds characters that no header can carry"))

    async def _ask(self) -> Grant | Unavailable:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await self._fetch()
        except TimeoutError:
            return _not_fetched(f"no token could be fetched within {FETCH_SECONDS:g} s", Cause.NO_ANSWER)
        except Exception as error:  # noqa: BLE001  its text may quote a secret, and requests must not raise it
            return _not_fetched(f"no token could be fetched: {type(error).__name__}")

    def _keep(self, headers: Mapping[str, str], seconds: float) -> None:
        now = self._now()
        self._token = Token(
            headers,
            renew_at=now + seconds - min(AHEAD * seconds, AHEAD_SECONDS),
            expires_at=now + seconds - min(MARGIN * seconds, MARGIN_SECONDS),
        )
        self._pause, self._ask_again_at = FIRST_PAUSE, float("-inf")
        self._failing_since = None
        log.debug("token_fetched", seconds=seconds)

    def _fail(self, failure: Unavailable) -> None:
        self._failing_since = self._failing_since or time.time()
        self._failure = replace(failure, diagnosis=_since(failure.diagnosis, self._failing_since))
        self._ask_again_at = self._now() + max(self._pause, failure.retry_after or 0.0)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        log.warning("token_not_fetched", reason=failure.reason)


def _not_fetched(reason: str, why: Cause | None = None) -> Unavailable:
    details = {} if why is None else {"why": why.value}
    return Unavailable(reason, diagnosis=Diagnosis(Cause.CREDENTIALS_ENDPOINT, details))


def _since(diagnosis: Diagnosis | None, since: float) -> Diagnosis:
    """Return *diagnosis* with the time since when no token can be fetched."""
    diagnosis = diagnosis or Diagnosis(Cause.CREDENTIALS_ENDPOINT)
    if diagnosis.cause is not Cause.CREDENTIALS_ENDPOINT:  # its own file, or a proxy on the way
        return diagnosis
    return Diagnosis(diagnosis.cause, {**diagnosis.details, "since": str(int(since))})

"""Tokens are fetched before they expire."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from adapters.rest.credentials.tokens import FIRST_PAUSE, LONGEST_PAUSE, REFUSED_AGAIN, Grant, RenewedToken
from gateway.contract.outcome import Unavailable

DOWN = Unavailable("the token endpoint is down")


@dataclass
class Issuer:
    """Gives out numbered tokens that are good for 1000 seconds, at a time that the test sets."""

    time: float = 0
    given: int = 0
    answer: Grant | Unavailable | Exception | None = None
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def fetch(self) -> Grant | Unavailable:
        """Return a token or what the test has set."""
        self.given += 1
        number = self.given
        await self.may_answer.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or Grant(f"token-{number}", 1000)

    def token(self) -> RenewedToken:
        """Return the object under test."""
        return RenewedToken(self.fetch, lambda: self.time)


@pytest.fixture
async def issuer() -> Issuer:
    """Return an issuer."""
    return Issuer()


def bearer(number: int) -> dict[str, str]:
    """Return the header with a token."""
    return {"Authorization": f"Bearer token-{number}"}


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until *condition* holds."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_first_token(issuer: Issuer) -> None:
    """The first request waits for a token, later ones do not."""
    token = issuer.token()
    assert token.headers() is None
    assert bearer(1) == await token.obtain()
    assert bearer(1) == token.headers()
    assert 1 == issuer.given


async def test_many_wait_for_one(issuer: Issuer) -> None:
    """However many requests wait, one token is fetched, also when one of them is given up."""
    token = issuer.token()
    issuer.may_answer.clear()
    waiting = [asyncio.create_task(token.obtain()) for _ in range(100)]
    await until(lambda: issuer.given)
    waiting[0].cancel()
    issuer.may_answer.set()
    assert [bearer(1)] * 99 == await asyncio.gather(*waiting[1:])
    assert 1 == issuer.given


async def test_renewed_ahead(issuer: Issuer) -> None:
    """Some time before its end the next token is fetched, while the old one goes on being used."""
    token = issuer.token()
    await token.obtain()
    issuer.time = 749
    assert bearer(1) == token.headers()
    assert 1 == issuer.given
    issuer.time = 751
    issuer.may_answer.clear()
    assert [bearer(1)] * 3 == [token.headers() for _ in range(3)]
    await until(lambda: 2 == issuer.given)
    issuer.may_answer.set()
    await until(lambda: token.headers() == bearer(2))
    assert 2 == issuer.given


async def test_failure_ahead(issuer: Issuer) -> None:
    """While the old token is good, a failure harms nobody and is told in the log."""
    token = issuer.token()
    await token.obtain()
    issuer.time, issuer.answer = 800, DOWN
    with capture_logs() as logs:
        assert bearer(1) == token.headers()
        await until(lambda: logs)
        assert bearer(1) == token.headers()
    assert [("token_not_fetched", DOWN.reason)] == [(each["event"], each["reason"]) for each in logs]
    assert 2 == issuer.given


async def test_expired(issuer: Issuer) -> None:
    """A token that might expire on its way is not sent."""
    token = issuer.token()
    await token.obtain()
    issuer.time = 991
    assert token.headers() is None
    assert bearer(2) == await token.obtain()


async def test_failure(issuer: Issuer) -> None:
    """An endpoint that fails is asked again after a pause that doubles; meanwhile nobody waits."""
    token = issuer.token()
    issuer.answer = DOWN
    assert [DOWN] * 5 == [await token.obtain() for _ in range(5)]
    assert 1 == issuer.given
    for asked, pause in enumerate((FIRST_PAUSE, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE), 1):
        issuer.time += pause - 0.1
        assert DOWN == await token.obtain()
        assert asked == issuer.given
        issuer.time += 0.1
        assert DOWN == await token.obtain()
        assert asked + 1 == issuer.given
    issuer.time += LONGEST_PAUSE
    issuer.answer = None
    assert bearer(issuer.given + 1) == await token.obtain()


async def test_endpoint_names_the_pause(issuer: Issuer) -> None:
    """An endpoint that asks for a longer pause gets it."""
    token = issuer.token()
    issuer.answer = Unavailable("too many", retry_after=30)
    await token.obtain()
    issuer.time = 29
    await token.obtain()
    assert 1 == issuer.given


async def test_refused_token(issuer: Issuer) -> None:
    """A token that the store refuses is given up, once for all requests that had it."""
    token = issuer.token()
    first = await token.obtain()
    assert not isinstance(first, Unavailable)
    assert [True, True] == [token.refuse(first), token.refuse(first)]
    assert [bearer(2)] * 3 == await asyncio.gather(*(token.obtain() for _ in range(3)))
    assert token.refuse(first)
    assert bearer(2) == token.headers()


async def test_store_that_refuses_all(issuer: Issuer) -> None:
    """If the store refuses the next token too, no further token is fetched."""
    token = issuer.token()
    for expected in (True, False, False):
        headers = await token.obtain()
        assert not isinstance(headers, Unavailable)
        assert expected is token.refuse(headers)
    assert 2 == issuer.given
    issuer.time = REFUSED_AGAIN
    headers = await token.obtain()
    assert not isinstance(headers, Unavailable)
    assert token.refuse(headers)


BAD = {
    "an exception": (ValueError("secret"), "no token could be fetched: ValueError"),
    "two lines": (Grant("to\r\nken", 10), "no token could be fetched: it holds characters that no header can carry"),
}


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
async def test_bad_answer(issuer: Issuer, answer: Grant | Exception, reason: str) -> None:
    """Whatever goes wrong in fetching, requests get a fixed reason."""
    issuer.answer = answer
    with capture_logs() as logs:
        assert Unavailable(reason) == await issuer.token().obtain()
    assert "secret" not in str(logs)
    assert "ken" not in str(logs).replace("token", "")


async def test_slow_endpoint(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetching has a time limit."""
    monkeypatch.setattr("adapters.rest.credentials.tokens.FETCH_SECONDS", 0.05)
    issuer.may_answer.clear()
    assert Unavailable("no token could be fetched within 0.05 s") == await issuer.token().obtain()


async def test_close(issuer: Issuer) -> None:
    """After close() nothing is fetched any more."""
    token = issuer.token()
    await token.close()
    issuer.may_answer.clear()
    waiting = asyncio.create_task(token.obtain())
    await until(lambda: issuer.given)
    await token.close()
    assert isinstance(await waiting, Unavailable)

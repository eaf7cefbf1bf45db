"""One request on a connection of its own: to a token endpoint, about once an hour."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from adapters.rest.connecting.dialer import Contexts, Origin
from adapters.rest.connecting.pool import Pool
from adapters.rest.connecting.proxy import Passage
from adapters.rest.credentials.settings import ProxySettings
from adapters.rest.http.exchange import Exchange
from adapters.rest.http.heads import begin_head
from adapters.rest.http.reply import Limits, Reply
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MAX_REPLY_BYTES = 256 * 1024
MAX_RETRY_AFTER = 300.0


class Endpoint:
    """Sends requests to any origin; failures have fixed reasons."""

    def __init__(
        self,
        contexts: Contexts | None,
        max_retry_after: float = MAX_RETRY_AFTER,
        proxy: ProxySettings | None = None,
    ) -> None:
        self._contexts = contexts
        self._proxy = proxy
        self._limits = Limits(TOTAL_SECONDS, MAX_REPLY_BYTES, max_retry_after)

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply | Unavailable:
        """Send one request and return its reply. Never raises for what the other side or the network does."""
        origin = Origin(url)
        passage = Passage(origin, self._proxy)
        for_proxy = passage.fields()
        if isinstance(for_proxy, Unavailable):
            return replace(_not_fetched(for_proxy, origin), diagnosis=for_proxy.diagnosis)
        pool = Pool(passage.dialer(CONNECT_SECONDS, self._contexts), self._limits)
        common = {"Host": origin.host_field, "User-Agent": "hilum", "Accept": "application/json"}
        head = begin_head(method, passage.target(url), {**common, **headers, **for_proxy})
        exchange = Exchange(pool, head, body)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                reply = passage.judge(await exchange.run(again=True))
        except TimeoutError:
            reason = f"no token could be fetched: no reply within {TOTAL_SECONDS:g} s"
            return Unavailable(reason, diagnosis=diagnose_endpoint(origin, why=Cause.NO_ANSWER.value))
        finally:
            await pool.close()
        return _not_fetched(reply, origin) if isinstance(reply, Unavailable) else reply


def diagnose_endpoint(origin: Origin, **details: str) -> Diagnosis:
    """Return the diagnosis of a token endpoint that gives no token."""
    return Diagnosis(Cause.CREDENTIALS_ENDPOINT, {"address": origin.authority, **details})


def _not_fetched(failure: Unavailable, origin: Origin) -> Unavailable:
    reason = failure.reason.replace("the store", "the token endpoint")
    why = {} if failure.diagnosis is None else {"why": failure.diagnosis.cause.value}
    return Unavailable(
        f"no token could be fetched: {reason}",
        retry_after=failure.retry_after,
        diagnosis=diagnose_endpoint(origin, **why),
    )

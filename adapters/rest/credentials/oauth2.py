"""Tokens by the client credentials grant of OAuth 2 (RFC 6749 4.4)."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote_plus, urlencode

from adapters.rest.connecting.dialer import Origin
from adapters.rest.credentials.opening import basic, read_secret
from adapters.rest.credentials.settings import OAuth2Credentials
from adapters.rest.credentials.tokens import Grant
from adapters.rest.endpoint import Endpoint, diagnose_endpoint
from adapters.rest.http.reply import Reply, read_json
from gateway.contract.outcome import Unavailable

DEFAULT_SECONDS = 300.0
"""Seconds that a token is taken to be valid when the endpoint gives no `expires_in`."""
LONGEST_SECONDS = 86400.0


class ClientCredentials:
    """Fetches tokens from one token endpoint."""

    def __init__(self, settings: OAuth2Credentials, endpoint: Endpoint) -> None:
        self._settings = settings
        self._endpoint = endpoint

    async def fetch(self) -> Grant | Unavailable:
        """Return a new token, or why there is none."""
        settings = self._settings
        secret = read_secret(settings.client_secret_file, "client_secret_file")
        if isinstance(secret, Unavailable):
            return secret
        form = {"grant_type": "client_credentials", "scope": settings.scope, "audience": settings.audience}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if settings.client_auth == "basic":
            # RFC 6749 2.3.1: both are form-encoded first, so the client_id may contain a colon.
            headers["Authorization"] = basic(quote_plus(settings.client_id), quote_plus(secret))
        else:
            form |= {"client_id": settings.client_id, "client_secret": secret}
        body = urlencode({name: value for name, value in form.items() if value is not None}).encode()
        reply = await self._endpoint.ask("POST", settings.token_url, headers, body)
        if isinstance(reply, Unavailable):
            return reply
        result = read_grant(reply)
        if isinstance(result, Grant):
            return result
        diagnosis = diagnose_endpoint(Origin(settings.token_url), status=str(reply.status))
        return replace(result, diagnosis=diagnosis)


def read_grant(reply: Reply) -> Grant | Unavailable:
    """Return the token in *reply* (RFC 6749 5.1), or what is wrong with it."""
    if reply.status != 200:
        reason = f"no token could be fetched: the token endpoint refuses it (HTTP {reply.status})"
        return Unavailable(reason, retry_after=reply.retry_after)
    value = read_json(reply.body)
    token = value.get("access_token") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(token, str) or not token:
        return Unavailable("no token could be fetched: the token endpoint's reply holds none")
    if str(value.get("token_type", "bearer")).lower() != "bearer":
        return Unavailable("no token could be fetched: the token endpoint gives tokens of another type than bearer")
    return Grant(token, _seconds(value))


def _seconds(value: Mapping[str, object]) -> float:
    seconds = value.get("expires_in")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:9])  # some endpoints quote the number
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        return DEFAULT_SECONDS
    return min(float(seconds), LONGEST_SECONDS)

"""Tokens of Google Cloud from the ``google-auth`` library: by a service account's key, or from the metadata server.

The library blocks, so it runs in a thread. Its requests go through Hilum's own client in the event loop, with the time
limits and the fixed reasons of that client. The library is imported when the first token is needed, because it takes
100 ms and 10 MB that no other destination needs.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from adapters.rest.credentials.secret import unusable, why_unread
from adapters.rest.credentials.settings import GoogleCredentials
from adapters.rest.credentials.tokens import Grant
from adapters.rest.endpoint import Endpoint
from adapters.rest.http.reply import Reply
from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.outcome import Unavailable

UNREADABLE = Unavailable("the file of credentials.service_account_file cannot be used")
NO_TOKEN = Unavailable(
    "no token could be fetched: Google gives none to the service account",
    diagnosis=Diagnosis(Cause.CREDENTIALS_ENDPOINT),
)


class GoogleTokens:
    """Fetches tokens from Google. The key file is read for each token, so it may be replaced at any time."""

    def __init__(self, settings: GoogleCredentials, endpoint: Endpoint) -> None:
        self._settings = settings
        self._endpoint = endpoint

    async def fetch(self) -> Grant | Unavailable:
        """Return a new token, or why there is none."""
        errand = TransportRequest(self._endpoint, asyncio.get_running_loop())
        try:
            result = await asyncio.to_thread(self._refresh, errand)
        except asyncio.CancelledError:
            errand.given_up = True  # the thread cannot be cancelled: its next request fails at once
            raise
        return errand.failure if result is NO_TOKEN and errand.failure else result

    def _refresh(self, errand: "TransportRequest") -> Grant | Unavailable:
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415  see the module's docstring

        try:
            credentials = self._credentials()
        except (OSError, ValueError, GoogleAuthError) as error:
            path = self._settings.service_account_file or Path()
            why = why_unread(error) if isinstance(error, OSError) else "unfit"
            used = unusable(path, "credentials.service_account_file", "", why)
            return replace(UNREADABLE, diagnosis=used.diagnosis)
        try:
            credentials.refresh(errand)
        except (GoogleAuthError, ValueError, KeyError, TypeError):  # the last three for unexpected replies
            return NO_TOKEN
        expiry = credentials.expiry.replace(tzinfo=UTC)  # the library gives a naive datetime in UTC
        return Grant(credentials.token, max(1.0, (expiry - datetime.now(UTC)).total_seconds()))

    def _credentials(self) -> Any:
        from google.auth import compute_engine  # noqa: PLC0415
        from google.oauth2 import service_account  # noqa: PLC0415

        path, scopes = self._settings.service_account_file, list(self._settings.scopes)
        if path is None:
            return compute_engine.Credentials(scopes=scopes)
        return service_account.Credentials.from_service_account_file(str(path), scopes=scopes)


class TransportRequest:
    """The callable with which the library, in its thread, sends requests; see ``google.auth.transport.Request``."""

    def __init__(self, endpoint: Endpoint, loop: asyncio.AbstractEventLoop) -> None:
        self._endpoint = endpoint
        self._loop = loop
        self.failure: Unavailable | None = None
        """Why the last request had no reply."""
        self.given_up = False
        """Whether nobody waits for the token any more."""

    def __call__(  # noqa: D102
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002  the endpoint has its own
        **_: Any,
    ) -> SimpleNamespace:
        from google.auth.exceptions import TransportError  # noqa: PLC0415

        if self.given_up:
            raise CancelledError
        content = body.encode() if isinstance(body, str) else body
        reply = self._wait_for(self._endpoint.ask(method, url, headers or {}, content))
        if isinstance(reply, Unavailable):
            self.failure = reply
            raise TransportError(reply.reason)
        return SimpleNamespace(status=reply.status, headers=reply.headers, data=reply.body)

    def _wait_for(self, asking: Coroutine[Any, Any, Reply | Unavailable]) -> Reply | Unavailable:
        future: Future[Reply | Unavailable] = asyncio.run_coroutine_threadsafe(asking, self._loop)
        return future.result()

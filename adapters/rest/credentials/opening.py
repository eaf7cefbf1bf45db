"""Authorization headers from secrets in files, which other programs may renew at any time."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from adapters.rest.credentials.secret import Secret, unusable, why_unread
from adapters.rest.credentials.settings import BasicCredentials, BearerCredentials, CredentialSettings
from gateway.contract.outcome import Unavailable
from gateway.contract.small_file import read_small_file

NOTHING: Mapping[str, str] = {}


class Credentials:
    """An Authorization that needs no token endpoint: none, HTTP Basic, or a token from a file."""

    def __init__(self, settings: CredentialSettings) -> None:
        self._secret: Secret | None = None
        match settings:
            case BasicCredentials():
                username = settings.username
                self._secret = Secret(
                    settings.password_file, "credentials.password_file", lambda text: basic(username, text)
                )
            case BearerCredentials():
                self._secret = Secret(settings.token_file, "credentials.token_file", bearer)

    def headers(self) -> Mapping[str, str] | Unavailable:
        """Return the headers for the next request, or why there are none. Never raises."""
        if self._secret is None:
            return NOTHING
        value = self._secret.value()
        return {"Authorization": value} if isinstance(value, str) else value

    async def obtain(self) -> Mapping[str, str] | Unavailable:
        """Return the same as `headers()`: nothing has to be fetched."""
        return self.headers()

    def told(self) -> Mapping[str, str]:
        """Return what may be told of the file: its path, and when it was changed."""
        return NOTHING if self._secret is None else self._secret.told()

    def refuse(self, _: Mapping[str, str]) -> bool:
        """Return False: there are no other headers, because the file was checked just before."""
        return False

    async def close(self) -> None:
        """Do nothing: no task runs."""


def read_secret(path: Path, setting: str) -> str | Unavailable:
    """Return the stripped text of the file *path*, which *setting* of the credentials names."""
    try:
        text = read_small_file(path)
    except (OSError, ValueError) as error:
        return unusable(path, f"credentials.{setting}", "cannot be read", why_unread(error))
    return text or unusable(path, f"credentials.{setting}", "is empty", "empty")


def basic(username: str, password: str) -> str:
    """Return the value of the header for RFC 7617."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")


def bearer(token: str) -> str | None:
    """Return the value of the header for RFC 6750, or None if a header cannot carry *token*."""
    printable = token.isascii() and token.isprintable() and " " not in token
    return f"Bearer {token}" if printable else None

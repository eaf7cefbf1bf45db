"""Authorization headers from secrets in files, which other programs may renew at any time."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.rest.settings import BasicCredentials, BearerCredentials, CredentialSettings
from gateway.message import Unavailable


class Credentials:
    """The headers that make Hilum known to one store."""

    def __init__(self, settings: CredentialSettings) -> None:
        self._secret: Secret | None = None
        match settings:
            case BasicCredentials():
                username = settings.username
                self._secret = Secret(settings.password_file, "password_file", lambda text: basic(username, text))
            case BearerCredentials():
                self._secret = Secret(settings.token_file, "token_file", bearer)

    def headers(self) -> Mapping[str, str] | Unavailable:
        """Return the headers for the next request, or why there are none. Never raises."""
        return {} if self._secret is None else self._secret.headers()

    async def obtain(self) -> Mapping[str, str] | Unavailable:
        """Return the same: nobody has to be asked."""
        return self.headers()

    def refuse(self, _: Mapping[str, str]) -> bool:
        """There are no others: the file was looked at just before."""
        return False

    async def close(self) -> None:
        """There is nothing to end."""


class Secret:
    """A file whose stripped text becomes an Authorization header."""

    def __init__(self, path: Path, setting: str, encode: Callable[[str], str | None]) -> None:
        self._path = path
        self._setting = f"credentials.{setting}"
        self._encode = encode
        self._version: tuple[int, ...] = ()
        self._headers: Mapping[str, str] | Unavailable = {}

    def headers(self) -> Mapping[str, str] | Unavailable:
        """Return the header; read the file only when it is not the one read last."""
        try:
            # Kubernetes renews a mounted secret by swapping a symbolic link: the inode changes, the times may not.
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev)
            if version != self._version:
                self._headers = self._read()
                self._version = version
        except (OSError, ValueError):
            return Unavailable(f"the file of {self._setting} cannot be read")
        return self._headers

    def _read(self) -> Mapping[str, str] | Unavailable:
        text = self._path.read_text(encoding="utf-8").strip()
        if not text:
            return Unavailable(f"the file of {self._setting} is empty")
        value = self._encode(text)
        if value is None:
            return Unavailable(f"the file of {self._setting} holds characters that its header cannot carry")
        return {"Authorization": value}


def read_secret(path: Path, setting: str) -> str | Unavailable:
    """Return the stripped text of the file *path*, which *setting* of the credentials names."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return Unavailable(f"the file of credentials.{setting} cannot be read")
    return text or Unavailable(f"the file of credentials.{setting} is empty")


def basic(username: str, password: str) -> str:
    """Return the value of the header for RFC 7617."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")


def bearer(token: str) -> str | None:
    """Return the value of the header for RFC 6750, None where it cannot carry *token*."""
    printable = token.isascii() and token.isprintable() and " " not in token
    return f"Bearer {token}" if printable else None

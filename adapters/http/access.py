"""Who may send requests: bearer tokens from files, which other programs may renew at any time (RFC 6750)."""

import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from adapters.http.answers import Problem
from gateway.contract.errors import ConfigError
from gateway.contract.meter import Rejection
from gateway.contract.small_file import read_small_file

SHORTEST = 16
"""Length of a token in characters: a shorter one can be guessed."""
MEND = "write a token into the file; it is valid from the next request"
NOT_KNOWN = Problem(
    401,
    "login",
    "this needs a bearer token that the listener knows",
    Rejection.TOKEN,
    (("WWW-Authenticate", "Bearer"),),
)

log = structlog.get_logger()


class Token:
    """The token in a file; nobody has it while the file is not valid."""

    def __init__(self, path: Path, place: str) -> None:
        self._path, self._place = path, place
        self._version = self._look()
        self._value: bytes | None = self._read()

    def value(self) -> bytes | None:
        """Return the token; the file is read again only if it has changed."""
        version = self._look()
        if version != self._version:
            self._version = version
            try:
                self._value = self._read()
            except ConfigError as error:
                self._value = None
                log.error("token_lost", place=self._place, reason=str(error), mend=MEND)
        return self._value

    def _look(self) -> tuple[int, ...]:
        try:
            # Kubernetes renews a mounted secret by swapping a symbolic link: the inode changes, the times may not.
            stat = self._path.stat()
        except OSError:
            return ()
        return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev

    def _read(self) -> bytes:
        try:
            text = read_small_file(self._path)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
            raise ConfigError(f"{self._place}: {self._path} {reason}; name a readable file with a token") from None
        except ValueError:  # it is too long or no text
            raise ConfigError(f"{self._place}: {self._path} holds no token; write only the token into it") from None
        if not (text.isascii() and text.isprintable() and " " not in text):
            raise ConfigError(f"{self._place}: {self._path} has characters that no token can have; make a new one")
        if len(text) < SHORTEST:
            mend = "make a longer one, for example with: openssl rand -hex 32"
            raise ConfigError(f"{self._place}: {self._path} has fewer than {SHORTEST} characters; {mend}")
        return text.encode()


class Access:
    """What the peers of one listener must show. Raises ConfigError if a file holds no token."""

    def __init__(self, files: Mapping[str, Path], place: str, *, by_certificate: bool = False) -> None:
        self._tokens = [Token(path, f"{place}.token_files.{name}") for name, path in files.items()]
        self._by_certificate = by_certificate
        """Whether a verified certificate replaces the token."""

    def refusal(self, authorizations: Sequence[str], *, is_certified: bool) -> Problem | None:
        """Return why a request with these Authorization fields is refused, or None."""
        if not self._tokens or (self._by_certificate and is_certified):
            return None
        kind, _, shown = (authorizations[0] if len(authorizations) == 1 else "").partition(" ")
        octets = shown.strip().encode(errors="replace")
        known = [hmac.compare_digest(value, octets) for each in self._tokens if (value := each.value()) is not None]
        return None if kind.lower() == "bearer" and any(known) else NOT_KNOWN

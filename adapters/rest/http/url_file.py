"""The address of an endpoint, read from a file because its query is a secret."""

from dataclasses import replace
from pathlib import Path

from adapters.rest.credentials.secret import Secret, unusable
from adapters.rest.http.urls import check_post_url, is_in_the_clear, origin_of
from adapters.rest.settings import HttpSettings
from gateway.contract.errors import ConfigError
from gateway.contract.outcome import Unavailable

NO_ADDRESS = "holds no address that can be used: http:// or https://, without credentials and fragment"
IN_THE_CLEAR = "holds an address with http://, where others can read its query; change it to https://"
ELSEWHERE = Unavailable("the file of url_file names another host than at the start; restart Hilum")
SETTING = "url_file"


class UrlFile:
    """The file of ``url_file``, read again when it changes. Its host must stay the same: other secrets are for it."""

    def __init__(self, name: str, settings: HttpSettings, path: Path) -> None:
        self._allow_cleartext = settings.allow_cleartext
        self._path = path
        self._secret = Secret(path, SETTING, _usable, NO_ADDRESS)
        address = self._read()
        if isinstance(address, Unavailable):
            raise ConfigError(f"destinations.{name}.url_file: {path}: {address.reason}")
        if address.startswith("http://") and settings.tls is not None:
            raise ConfigError(f"destinations.{name}.tls: has no effect with http:// in the file of url_file")
        self.first = address
        """The address at the start."""

    def current(self) -> str | Unavailable:
        """Return the address for the next request, or why there is none."""
        address = self._read()
        if isinstance(address, Unavailable) or origin_of(address) == origin_of(self.first):
            return address
        return replace(ELSEWHERE, diagnosis=unusable(self._path, SETTING, "", "another_host").diagnosis)

    def _read(self) -> str | Unavailable:
        address = self._secret.value()
        if isinstance(address, str) and is_in_the_clear(address) and not self._allow_cleartext:
            return unusable(self._path, SETTING, f"{IN_THE_CLEAR}, or set allow_cleartext", "in_the_clear")
        return address


def _usable(text: str) -> str | None:
    try:
        return check_post_url(text)
    except ValueError:
        return None

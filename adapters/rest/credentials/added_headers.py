"""The header fields that the configuration adds to every request to a store: an API key, a tenant, a route."""

from collections.abc import Mapping

from adapters.rest.credentials.secret import Secret
from adapters.rest.http.header_rules import sendable
from adapters.rest.settings import RestSettings
from gateway.contract.outcome import Unavailable


class AddedHeaders:
    """The added header fields of one destination; the files are read again when they change."""

    def __init__(self, settings: RestSettings) -> None:
        self._plain = dict(settings.headers)
        self._secrets = {
            name: Secret(path, f"header_files.{name}", sendable) for name, path in settings.header_files.items()
        }

    def replace(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Return *fields* without those that the configuration replaces."""
        given = {name.lower() for name in (*self._plain, *self._secrets)}
        return {name: value for name, value in fields.items() if name.lower() not in given}

    def fields(self) -> Mapping[str, str] | Unavailable:
        """Return the added fields for the next request, or why one of them is missing."""
        if not self._secrets:
            return self._plain
        found = dict(self._plain)
        for name, secret in self._secrets.items():
            value = secret.value()
            if isinstance(value, Unavailable):
                return value
            found[name] = value
        return found

"""Reads ``--bucket NAME=FOLDER`` of ``hilum sandbox``."""

from collections.abc import Iterable
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.rules import check_bucket


def named_buckets(options: Iterable[str]) -> dict[str, Path]:
    """Return the folders by the names of their buckets; raises ConfigError."""
    found: dict[str, Path] = {}
    for each in options:
        name, sign, folder = each.partition("=")
        try:
            check_bucket(name)
        except ReasonedError as error:
            raise ConfigError(f"sandbox: --bucket: {error.reason}; write it as NAME=FOLDER") from None
        if not sign or not Path(folder).is_dir():
            raise ConfigError(f"sandbox: --bucket {name}: there is no such folder; make it, or name another one")
        if name in found:
            raise ConfigError(f"sandbox: --bucket {name}: the name is given twice; give each bucket a name of its own")
        found[name] = Path(folder).absolute()
    return found

"""Reads the operator's key file, which decides how payloads are written."""

import base64
import binascii
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.spool.payloads.seal import KEY_SIZE, Plain, Seal


def load_seal(key_file: Path | None) -> Seal:
    """Return how to write payloads; raises ConfigError if the key cannot be used."""
    if key_file is None:
        return Plain()
    try:
        content = key_file.read_bytes()
    except OSError as error:
        raise ConfigError(f"spool.key_file: {key_file}: cannot be read: {error.strerror}") from None
    key = _decode(content)
    if key is None:
        raise ConfigError(
            f"spool.key_file: {key_file}: is not a key of 32 octets; make one with `openssl rand -hex 32`"
        )
    from gateway.spool.payloads.encrypted import Encrypted  # noqa: PLC0415  cryptography takes 9 MiB: only for those who encrypt

    return Encrypted(key)


def _decode(content: bytes) -> bytes | None:
    if len(content) == KEY_SIZE:
        return content
    text = content.strip()
    for decode in (binascii.unhexlify, lambda data: base64.b64decode(data, validate=True)):
        try:
            key = decode(text)
        except binascii.Error:
            continue
        if len(key) == KEY_SIZE:
            return key
    return None

"""The keys of ``cryptoHashConfig`` and ``dateShiftConfig``."""

import base64
import binascii
import hashlib
import hmac

from adapters.deidentify.google.config import KeyedConfig
from adapters.deidentify.pseudonyms.key import Key

SIZES = (16, 24, 32)
"""Octets of a key of AES, which is what Google's API takes."""


def key_of(config: KeyedConfig, own: Key, place: str) -> Key:
    """Return the key of a transformation, *own* if it has none; raises ValueError with the mend."""
    if config.kms_wrapped is not None:
        raise ValueError(
            f"{place}.kmsWrapped: only Google's KMS can unwrap that key; write the key as `cryptoKey`, or leave both"
            " out: then it is derived from `key_file`"
        )
    if config.crypto_key is None:
        return own
    try:
        secret = base64.b64decode(_padded(config.crypto_key), altchars=None, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) not in SIZES:
        raise ValueError(
            f"{place}.cryptoKey: is not the base64 of 16, 24 or 32 octets; make one with `openssl rand -base64 32`"
        )
    # HKDF-Extract (RFC 5869 2.2), so that every size gives the size of a key.
    return Key(hmac.digest(b"hilum google crypto key", secret, hashlib.sha256))


def _padded(text: str) -> str:
    """Return the text in the standard alphabet: protobuf's JSON also has that of URLs, and no padding."""
    text = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    return text + "=" * (-len(text) % 4)

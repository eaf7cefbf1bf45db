"""The secret that a spool keeps to make its pseudonyms; it is sealed if there is a key.

The seal also shows which version's rules hold. Since version 3 only authentic messages are delivered, and the secret is
sealed with another chunk number: nobody can bring back the older rules by changing the number of the version.
"""

import zlib

from gateway.contract.errors import ConfigError
from gateway.spool.interface import PayloadDamaged
from gateway.spool.payloads.seal import Seal

AUTHENTIC = 3
"""The first version in which each delivery is authenticated."""
NOT_SEALED = (
    "spool.key_file: a spool holds messages that were committed without a key, and nothing tells who put them there;"
    " deliver or discard them without the key first, or vouch for all of them with `hilum spool accept`"
)


def seal_secret(secret: bytes, seal: Seal) -> bytes:
    """Return a secret as this version stores it."""
    header = seal.new_header()
    return header + seal.cipher(header).seal(secret, AUTHENTIC if seal.encrypted else 0, True)


def open_secret(stored: bytes, seal: Seal, version: int) -> bytes:
    """Return the secret of a spool with a key; raises ConfigError if *seal* has not that key."""
    if not seal.encrypted:
        raise ConfigError("spool.key_file: is not set, but the spool is encrypted; name the file of its key")
    place = AUTHENTIC if version >= AUTHENTIC else 0
    try:
        return seal.cipher(stored[: seal.header_size]).open(stored[seal.header_size :], place, True)
    except PayloadDamaged:
        raise ConfigError("spool.key_file: holds another key than the spool was encrypted with") from None


def secret_sum_of(secret: bytes, encrypted: object) -> int:
    """Return the checksum of the secret and its flag, which shows whether they are what was written."""
    return zlib.crc32(secret + (b"1" if encrypted else b"0"))

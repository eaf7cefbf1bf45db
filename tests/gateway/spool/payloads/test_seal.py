"""Encryption at rest."""

import pytest

from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain, Seal
from tests.gateway.spool.spools import KEY


@pytest.mark.parametrize("seal", [Plain(), Encrypted(KEY)], ids=["plain", "encrypted"])
@pytest.mark.parametrize("chunk", [b"", b"x", b"x" * 100_000], ids=len)
def test_open_undoes_seal(seal: Seal, chunk: bytes) -> None:
    """What was sealed opens, and is longer by the overhead."""
    header = seal.new_header()
    sealed = bytes(seal.cipher(header).seal(chunk, 7, False))
    assert len(chunk) + seal.overhead == len(sealed)
    assert chunk == seal.cipher(header).open(sealed, 7, False)

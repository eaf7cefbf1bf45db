"""Encryption at rest."""

import pytest

from gateway.spool.interface import PayloadDamaged
from gateway.spool.payloads.encrypted import Encrypted
from tests.gateway.spool.spools import KEY

DAMAGE = {
    "a flipped bit": lambda sealed: (bytes([sealed[0] ^ 1]) + sealed[1:], 0, False),
    "cut short": lambda sealed: (sealed[:-1], 0, False),
    "shorter than a tag": lambda sealed: (sealed[:3], 0, False),
    "at another place": lambda sealed: (sealed, 1, False),
    "claimed to be the last": lambda sealed: (sealed, 0, True),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage(damage: object) -> None:
    """A chunk that was changed, moved or made the last does not open."""
    assert callable(damage)
    seal = Encrypted(KEY)
    header = seal.new_header()
    sealed = bytes(seal.cipher(header).seal(b"PID|1||4711", 0, False))
    with pytest.raises(PayloadDamaged):
        seal.cipher(header).open(*damage(sealed))


def test_each_payload_has_its_key() -> None:
    """The same payload is never written twice alike, and its digest does not confirm a guess at the payload."""
    seal = Encrypted(KEY)
    written = {bytes(seal.cipher(seal.new_header()).seal(b"same", 0, True)) for _ in range(10)}
    assert 10 == len(written)
    assert Encrypted(bytes(32)).fingerprint(b"d" * 32) != seal.fingerprint(b"d" * 32) != b"d" * 32

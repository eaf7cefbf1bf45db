"""The secret of a spool, as it is kept."""

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from gateway.spool.payloads.secret import AUTHENTIC, open_secret, seal_secret, secret_sum_of
from tests.gateway.spool.spools import KEY

SECRET = bytes(32)
SEAL = Encrypted(KEY)


def test_sealed() -> None:
    """What is kept tells nothing without the key, and gives the secret back with it."""
    stored = seal_secret(SECRET, SEAL)
    assert SECRET not in stored
    assert SECRET == open_secret(stored, SEAL, AUTHENTIC)


def test_plain() -> None:
    """Without a key the secret is kept as it is."""
    assert SECRET == seal_secret(SECRET, Plain())


@pytest.mark.parametrize(
    ("seal", "version", "problem"),
    [
        (Plain(), AUTHENTIC, "is not set"),
        (Encrypted(bytes(32)), AUTHENTIC, "another key"),
        (SEAL, AUTHENTIC - 1, "another key"),
    ],
    ids=["no key", "another key", "an older version"],
)
def test_not_opened(seal: Plain | Encrypted, version: int, problem: str) -> None:
    """It is opened with its key only, and only as that of a version that authenticates what waits."""
    with pytest.raises(ConfigError, match=problem):
        open_secret(seal_secret(SECRET, SEAL), seal, version)


def test_sum() -> None:
    """A flag that was changed shows, as a changed secret does."""
    assert 3 == len({secret_sum_of(SECRET, True), secret_sum_of(SECRET, False), secret_sum_of(b"x" * 32, True)})

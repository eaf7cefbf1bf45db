"""Keys of the transformations."""

import base64

import pytest

from adapters.deidentify.google.config import CryptoHashConfig, KmsWrappedCryptoKey
from adapters.deidentify.google.keys import key_of
from adapters.deidentify.pseudonyms.key import Key

OWN = Key(bytes(32))


def test_sizes() -> None:
    """Keys of 16, 24 and 32 octets, each another one; without one the step's own."""
    made = {
        key_of(CryptoHashConfig(crypto_key=base64.b64encode(bytes(size)).decode()), OWN, "x").fingerprint
        for size in (16, 24, 32)
    }
    assert len(made | {OWN.fingerprint}) == 4
    assert key_of(CryptoHashConfig(), OWN, "x") is OWN


def test_alphabets() -> None:
    """The alphabet of URLs, without padding, is the same key (protobuf's JSON)."""
    secret = b"\xfb\xff" * 8
    first, second = base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode().rstrip("=")
    found = {key_of(CryptoHashConfig(crypto_key=each), OWN, "x").fingerprint for each in (first, second)}
    assert first != second
    assert len(found) == 1


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(bytes(33)).decode()])
def test_wrong(text: str) -> None:
    """Another size or another text is a mistake, which does not tell the key."""
    with pytest.raises(ValueError, match=r"x.cryptoKey: is not the base64 of 16, 24 or 32 octets; make one") as raised:
        key_of(CryptoHashConfig(crypto_key=text), OWN, "x")
    assert not text or text not in str(raised.value)


def test_kms() -> None:
    """A key that Google's KMS wraps cannot be had here."""
    wrapped = KmsWrappedCryptoKey(wrapped_key="AAAA", crypto_key="projects/p/locations/l/keyRings/r/cryptoKeys/k")
    with pytest.raises(ValueError, match=r"x.kmsWrapped: only Google's KMS can unwrap that key; write the key as"):
        key_of(CryptoHashConfig(kms_wrapped=wrapped), OWN, "x")

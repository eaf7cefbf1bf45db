"""The key is read from a file in three forms, and never told."""

import base64
from pathlib import Path

import pytest

from adapters.deidentify.pseudonyms.key import Key, read_key

SECRET = bytes(range(32))


@pytest.mark.parametrize(
    "content",
    [SECRET, SECRET.hex().encode(), SECRET.hex().upper().encode() + b"\n", base64.b64encode(SECRET) + b"\r\n"],
    ids=["octets", "hexadecimal", "capitals", "base64"],
)
def test_forms(tmp_path: Path, content: bytes) -> None:
    """All three are the same key."""
    (tmp_path / "key").write_bytes(content)
    assert read_key(tmp_path / "key").fingerprint == Key(SECRET).fingerprint


@pytest.mark.parametrize(
    "content", [b"", b"hunter2", SECRET[:31], SECRET.hex().encode()[:-2], b"ZZ" * 32, b"=" * 44], ids=range(6)
)
def test_no_key(tmp_path: Path, content: bytes) -> None:
    """Anything else is a mistake, which says how to make a key, and does not quote the file."""
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ValueError, match="openssl rand -hex 32") as caught:
        read_key(tmp_path / "key")
    assert not content or content.decode("latin-1") not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(ValueError, match="key: cannot be read"):
        read_key(tmp_path / "key")


def test_derived() -> None:
    """Each purpose has its own key, and the secret is not shown."""
    key = Key(SECRET)
    assert key.derived("uid") != key.derived("shift")
    assert len(key.derived("uid")) == 32
    assert SECRET.hex()[:8] not in key.fingerprint
    assert repr(SECRET) not in repr(key)
    with pytest.raises(ValueError, match="32 octets"):
        Key(b"short")

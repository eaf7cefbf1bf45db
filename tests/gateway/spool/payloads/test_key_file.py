"""The operator's key file."""

import base64
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.key_file import load_seal
from tests.gateway.spool.spools import KEY

KEY_FILES = {
    "raw": KEY,
    "hexadecimal": KEY.hex().encode(),
    "hexadecimal with a line end": KEY.hex().encode() + b"\n",
    "base64": base64.b64encode(KEY) + b"\n",
}
NO_KEYS = {"empty": b"", "short": b"0011", "long": KEY + KEY, "text": b"correct horse battery staple"}


@pytest.mark.parametrize("content", KEY_FILES.values(), ids=KEY_FILES)
def test_key_files(tmp_path: Path, content: bytes) -> None:
    """A key may be raw, hexadecimal or base64; all give the same."""
    path = tmp_path / "key"
    path.write_bytes(content)
    assert Encrypted(KEY).fingerprint(b"d") == load_seal(path).fingerprint(b"d")


@pytest.mark.parametrize("content", NO_KEYS.values(), ids=NO_KEYS)
def test_unusable_keys(tmp_path: Path, content: bytes) -> None:
    """Anything else is refused with a text that says what to change and does not show the content."""
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="openssl rand -hex 32") as caught:
        load_seal(path)
    assert not content or content.decode(errors="ignore") not in str(caught.value)


def test_missing_key_file(tmp_path: Path) -> None:
    """A key file that cannot be read is named."""
    with pytest.raises(ConfigError, match=r"key_file: .*nowhere: cannot be read"):
        load_seal(tmp_path / "nowhere")

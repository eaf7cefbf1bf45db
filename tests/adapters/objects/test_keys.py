"""The file with a key of S3: what is a key, and what is said where it is none."""

from pathlib import Path

import pytest

from adapters.objects.keys import read_key
from gateway.contract.errors import ConfigError

PLACE = "buckets.north.credentials.key_file"


def test_key(tmp_path: Path) -> None:
    """The form is that of AWS's tools, with or without the name of a section and a token."""
    path = tmp_path / "key"
    path.write_text("[default]\naws_access_key_id = A\naws_secret_access_key=s/e=c+r\nregion = eu\n")
    assert read_key(path, PLACE) == {"access_key_id": "A", "secret_access_key": "s/e=c+r", "token": None}
    path.write_text("aws_session_token = T\naws_secret_access_key = S\naws_access_key_id = A")
    assert read_key(path, PLACE)["token"] == "T"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no whole key"),
        ("aws_access_key_id = A", "has no whole key"),
        ("aws_access_key_id =\naws_secret_access_key = SECRET", "has no whole key"),
        ("[a]\naws_access_key_id = A\naws_secret_access_key = SECRET\n[b]\naws_access_key_id = A", "twice"),
    ],
)
def test_no_key(tmp_path: Path, text: str, why: str) -> None:
    """The text names the setting, the file and the mend, and repeats no secret."""
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(ConfigError, match=why) as raised:
        read_key(path, PLACE)
    assert str(raised.value).startswith(f"{PLACE}: {path}: ")
    assert "SECRET" not in str(raised.value)


def test_no_file(tmp_path: Path) -> None:
    """A file that is not there, or that is a pipe or too long, is a mistake of the operator."""
    (tmp_path / "long").write_text("x" * 100_000)
    for name in ("absent", "long", "."):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_key(tmp_path / name, PLACE)

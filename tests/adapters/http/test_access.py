"""Bearer tokens from files."""

from pathlib import Path

import pytest
import structlog

from adapters.http.access import NOT_KNOWN, Access
from gateway.contract.errors import ConfigError

TOKEN = "0123456789abcdef"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Return a file with a token."""
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


REFUSED = {
    "nothing": [],
    "another token": ["Bearer 0123456789abcdeg"],
    "a part of it": ["Bearer 0123456789abcde"],
    "another scheme": [f"Basic {TOKEN}"],
    "no scheme": [TOKEN],
    "two fields": [f"Bearer {TOKEN}", f"Bearer {TOKEN}"],
    "characters that are not ASCII": ["Bearer é\udc80"],
    "an empty token": ["Bearer "],
}


@pytest.mark.parametrize("shown", REFUSED.values(), ids=REFUSED)
def test_refused(token_file: Path, shown: list[str]) -> None:
    """Without exactly one of the tokens a request is refused with 401."""
    assert NOT_KNOWN == Access({"lab": token_file}, "listeners.in").refusal(shown, is_certified=True)
    assert 401 == NOT_KNOWN.status


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
def test_known(token_file: Path, tmp_path: Path, shown: str) -> None:
    """Any of the tokens will do."""
    (tmp_path / "other").write_text("another-token-here")
    access = Access({"other": tmp_path / "other", "lab": token_file}, "listeners.in")
    assert None is access.refusal([shown], is_certified=False)


def test_no_tokens() -> None:
    """Where there are no tokens, nothing is demanded."""
    assert None is Access({}, "listeners.in").refusal([], is_certified=False)


@pytest.mark.parametrize("is_certified", [True, False])
def test_a_certificate_instead(token_file: Path, *, is_certified: bool) -> None:
    """A verified certificate replaces the token where it is optional."""
    access = Access({"lab": token_file}, "listeners.in", by_certificate=True)
    assert is_certified == (access.refusal([], is_certified=is_certified) is None)


def test_a_renewed_token(token_file: Path) -> None:
    """A new token in the file is valid at once, and the old one is not valid any more."""
    access = Access({"lab": token_file}, "listeners.in")
    token_file.write_text("a-new-token-of-enough-characters")
    assert None is access.refusal(["Bearer a-new-token-of-enough-characters"], is_certified=False)
    assert NOT_KNOWN == access.refusal([f"Bearer {TOKEN}"], is_certified=False)


def test_a_lost_token(token_file: Path) -> None:
    """While the file is not valid, nobody has the token; the log says so once."""
    access = Access({"lab": token_file}, "listeners.in")
    with structlog.testing.capture_logs() as lines:
        token_file.write_text("short")
        for shown in (f"Bearer {TOKEN}", "Bearer short", "Bearer "):
            assert NOT_KNOWN == access.refusal([shown], is_certified=False)
    assert ["listeners.in.token_files.lab"] == [each["place"] for each in lines]
    token_file.write_text(TOKEN)
    assert None is access.refusal([f"Bearer {TOKEN}"], is_certified=False)


MISTAKES = {
    "too short": ("0123456789abcde", "fewer than 16"),
    "two words": ("0123456789abcdef 0123456789", "characters that no token"),
    "not ASCII": ("0123456789abcdef\u00e9", "characters that no token"),
    "empty": ("", "fewer than 16"),
}


@pytest.mark.parametrize(("text", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_no_token(tmp_path: Path, text: str, reason: str) -> None:
    """A file without a good token is a mistake of the operator, and is named; its text is not."""
    (tmp_path / "token").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=reason) as caught:
        Access({"lab": tmp_path / "token"}, "listeners.in")
    assert str(caught.value).startswith("listeners.in.token_files.lab: ")
    assert not text or text not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    """A missing file is a mistake of the operator."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Access({"lab": tmp_path / "none"}, "listeners.in")


def test_no_text(tmp_path: Path) -> None:
    """A file that is no text holds no token."""
    (tmp_path / "token").write_bytes(b"\xff" * 20)
    with pytest.raises(ConfigError, match="holds no token"):
        Access({"lab": tmp_path / "token"}, "listeners.in")

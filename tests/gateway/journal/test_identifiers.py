"""Identifiers that are kept as digests."""

from pathlib import Path

import pytest

from gateway.journal.identifiers import KEY_FILE, KEY_OCTETS, Identifiers, make_key, read_key


def test_kept() -> None:
    """Only the identifiers of keyed listeners are digests; they depend on the key and on nothing else."""
    one, other = Identifiers(b"1" * 32, ["adt"]), Identifiers(b"2" * 32, ["adt"])
    assert "C1" == one.kept("ct", "C1")
    kept = one.kept("adt", "C1")
    assert kept == one.digest("C1") == Identifiers(b"1" * 32, ["x", "adt"]).kept("adt", "C1")
    assert kept.startswith("keyed:")
    assert 3 == len({kept, other.kept("adt", "C1"), one.kept("adt", "C2")})
    assert "C1" not in kept


def test_key(tmp_path: Path) -> None:
    """The key is made once, and only its owner can read it."""
    assert read_key(tmp_path) is None
    key = make_key(tmp_path)
    assert (KEY_OCTETS, key, key) == (len(key), make_key(tmp_path), read_key(tmp_path))
    assert [KEY_FILE] == [each.name for each in tmp_path.iterdir()]
    assert 0o600 == (tmp_path / KEY_FILE).stat().st_mode & 0o777


def test_two_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two processes that make the key at the same time, both use that of the first."""
    first = make_key(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert first == make_key(tmp_path)


def test_damaged_key(tmp_path: Path) -> None:
    """A file of another length is no key, and is not replaced: what is in the journal could not be found any more."""
    (tmp_path / KEY_FILE).write_bytes(b"short")
    with pytest.raises(OSError, match="32 octets"):
        make_key(tmp_path)
    assert b"short" == (tmp_path / KEY_FILE).read_bytes()

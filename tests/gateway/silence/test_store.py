"""The file of what was learnt: over restarts, and when it is damaged, full, or used by another process."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.silence import store as module
from gateway.silence.store import FILE, MOST_ASIDE, Store, StoreFault, as_rows
from tests.gateway.silence.test_record import some

KEY = "HIS|MAIN", "lab"
LISTENERS = ("lab", "images")


def saved(folder: Path) -> Store:
    """Return a store with one peer."""
    store = Store(folder, LISTENERS)
    store.save(as_rows({KEY: some()}))
    return store


def damage(store: Store) -> None:
    """Write over the beginning of the file, as another program might."""
    with store.path.open("r+b") as file:
        file.write(b"\xff" * 4096)


def test_before_the_first_time(tmp_path: Path) -> None:
    """Where there is no file, nothing is known, and reading makes none."""
    assert Store(tmp_path / "new", LISTENERS).read() == {}
    assert list(tmp_path.iterdir()) == []


def test_over_a_restart(tmp_path: Path) -> None:
    """What one process has written the next one reads."""
    store = Store(tmp_path / "new", LISTENERS)
    store.save(as_rows({KEY: some(), ("CT1", "images"): some(0)}))
    found = Store(tmp_path / "new", LISTENERS).read()
    assert found.keys() == {KEY, ("CT1", "images")}
    assert as_rows(found) == as_rows({KEY: some(), ("CT1", "images"): some(0)})


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """The names of peers are nobody else's business; the journal is gone after a save."""
    saved(tmp_path)
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [(FILE, 0o600)]


def test_those_who_are_gone(tmp_path: Path) -> None:
    """A save replaces everything."""
    store = saved(tmp_path)
    store.save({})
    assert store.read() == {}


def test_two_gateways(tmp_path: Path) -> None:
    """Gateways with one data directory keep their own peers: no gateway judges, or removes, those of another."""
    lab, images = Store(tmp_path, ["lab"]), Store(tmp_path, ["images"])
    lab.save(as_rows({KEY: some(), ("NEVER", ""): some()}))
    images.save(as_rows({("CT1", "images"): some()}))
    assert images.read().keys() == {("CT1", "images")}
    lab.save(as_rows({KEY: some()}))
    assert Store(tmp_path, LISTENERS).read().keys() == {KEY, ("CT1", "images")}


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """A damaged file stays under another name, and a new one is begun."""
    for number in (1, 2):
        store = saved(tmp_path)
        damage(store)
        with pytest.raises(StoreFault, match="damaged") as caught:
            store.read()
        assert caught.value.set_aside == tmp_path / f"{FILE}.damaged-{number}"
        assert caught.value.set_aside.stat().st_size > 0
        assert store.read() == {}


def test_damage_that_shows_when_it_is_written(tmp_path: Path) -> None:
    """A file that was damaged meanwhile is set aside by the save; the next one makes a new file."""
    store = saved(tmp_path)
    damage(store)
    with pytest.raises(StoreFault) as caught:
        store.save(as_rows({KEY: some()}))
    assert caught.value.set_aside is not None
    store.save(as_rows({KEY: some()}))
    assert store.read().keys() == {KEY}


def test_another_program_s_table(tmp_path: Path) -> None:
    """A table with other columns is no table of ours."""
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("CREATE TABLE peer (name TEXT)")
    with pytest.raises(StoreFault) as caught:
        Store(tmp_path, LISTENERS).read()
    assert caught.value.set_aside is not None


def test_a_journal_goes_with_its_file(tmp_path: Path) -> None:
    """The journal of a damaged file must not be applied to the new one."""
    store = saved(tmp_path)
    journal = tmp_path / f"{FILE}-journal"
    journal.write_bytes(b"x" * 100)
    assert store._fault(sqlite3.DatabaseError()).set_aside == tmp_path / f"{FILE}.damaged-1"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{FILE}.damaged-1", f"{FILE}.damaged-1-journal"]


def test_it_cannot_be_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file that cannot be renamed stays, and that is said."""

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    store = saved(tmp_path)
    damage(store)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StoreFault, match="damaged") as caught:
        store.read()
    assert caught.value.set_aside is None
    assert store.path.exists()


def test_too_many_damaged_files(tmp_path: Path) -> None:
    """No damaged file is replaced by another one: then the store stays as it is, and says so."""
    for number in range(1, MOST_ASIDE + 1):
        (tmp_path / f"{FILE}.damaged-{number}").touch()
    store = saved(tmp_path)
    damage(store)
    with pytest.raises(StoreFault) as caught:
        store.read()
    assert caught.value.set_aside is None


def test_one_peer_s_octets_are_damaged(tmp_path: Path) -> None:
    """The other peers are still there."""
    store = saved(tmp_path)
    store.save({**as_rows({KEY: some()}), ("CT1", "images"): b"damaged"})
    assert store.read().keys() == {KEY}


def test_another_process_has_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock of another process is no damage."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.01)
    store = saved(tmp_path)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (store.read, lambda: store.save({})):
            with pytest.raises(StoreFault, match="locked") as caught:
                use()
            assert caught.value.set_aside is None
    assert store.read().keys() == {KEY}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    """Missing permissions are no damage."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreFault, match="denied"):
        Store(tmp_path / "new", LISTENERS).save({})


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    """A wrong `data_dir` is no damage."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreFault) as caught:
        Store(tmp_path / "file", LISTENERS).save({})
    assert caught.value.set_aside is None


def test_a_save_is_all_or_nothing(tmp_path: Path) -> None:
    """If a save fails in the middle, what was there before stays."""
    store = saved(tmp_path)
    with pytest.raises(StoreFault):
        store.save({("CT1", "images"): b"fine", ("CT2", "images"): None})  # type: ignore[dict-item]
    with closing(sqlite3.connect(f"{store.path}.damaged-1")) as connection:
        assert connection.execute("SELECT peer FROM peer").fetchall() == [(KEY[0],)]


def test_nobody_has_named_a_folder(tmp_path: Path) -> None:
    """A data directory that nobody has named is used if it is there, and not made."""
    store = Store(tmp_path / "new", LISTENERS, may_make=False)
    store.save(as_rows({KEY: some(0)}))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "new").mkdir()
    store.save(as_rows({KEY: some(0)}))
    assert store.read().keys() == {KEY}

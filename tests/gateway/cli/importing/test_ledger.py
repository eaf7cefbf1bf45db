"""The ledger outlasts the process, for its owner alone."""

import stat
from pathlib import Path

import pytest

from gateway.cli.importing.ledger import Entry, Ledger
from gateway.contract.errors import ConfigError


def test_kept(tmp_path: Path) -> None:
    """What was noted is there in the next run; a part of an object that is stored need not be."""
    path = tmp_path / "import" / "a.ledger"
    odd = "/data/\udcff.dcm"
    with Ledger(path) as ledger:
        ledger.begin(odd, "1", 5)
        ledger.put_part(odd, "1", "stored", "")
        ledger.put_part(odd, "2", "refused", "why")
    with Ledger(path) as ledger:
        found = ledger.find(odd)
        assert found == Entry("1", 5, "", "sending")
        assert ledger.part(odd, "2") == ("refused", "why")
        assert ledger.part(odd, "3") is None
        assert list(ledger.refused_parts(odd)) == [("2", "why")]
        ledger.put(odd, Entry("1", 5, "d", "refused", "why", 1))
        assert ledger.part(odd, "1") == ("stored", "")
        ledger.put(odd, Entry("1", 5, "d", "stored", "", 2))
        assert ledger.part(odd, "1") is None
        assert ledger.find("other") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_changed(tmp_path: Path) -> None:
    """What was noted of the parts of another version says nothing."""
    with Ledger(tmp_path / "a.ledger") as ledger:
        ledger.begin("a", "1", 5)
        ledger.put_part("a", "1", "stored", "")
        ledger.begin("a", "1", 5)
        assert ledger.part("a", "1") == ("stored", "")
        ledger.begin("a", "2", 5)
        assert ledger.part("a", "1") is None


def test_no_ledger(tmp_path: Path) -> None:
    """Another file is not touched; the mend is told."""
    path = tmp_path / "a.ledger"
    path.write_bytes(b"no database, but something of somebody" * 100)
    with pytest.raises(ConfigError, match="is no usable ledger"), Ledger(path):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"), Ledger(tmp_path / "file" / "a.ledger"):
        pass

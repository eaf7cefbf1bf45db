"""The record outlasts the process, whenever it was killed, and belongs to one policy."""

from pathlib import Path

import pytest

from gateway.cli.deidentifying.record import open_record
from gateway.cli.deidentifying.results import Result
from gateway.contract.errors import ConfigError
from gateway.contract.release import Release

RELEASE = Release({}, "keyed", "00cf2700", "abc", str)
DONE = Result("written", "dicom", 2, {"why": 1}, {"why": [3]}, ["a/b.dcm"])


def test_again(tmp_path: Path) -> None:
    """What was noted is there again."""
    with open_record(tmp_path, RELEASE, tmp_path) as record:
        assert record.results == {}
        record.add("1", DONE)
    with open_record(tmp_path, RELEASE, tmp_path) as record:
        assert record.results == {"1": DONE}
        assert record.outputs == {"a/b.dcm"}
    assert (tmp_path / "record.jsonl").stat().st_mode & 0o777 == 0o600


def test_cut_anywhere(tmp_path: Path) -> None:
    """A process may be killed within any line: what is whole counts, and the rest is written anew."""
    with open_record(tmp_path, RELEASE, tmp_path) as record:
        record.add("1", DONE)
        record.add("2", DONE)
    path = tmp_path / "record.jsonl"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with open_record(tmp_path, RELEASE, tmp_path) as record:
            left = {"1", "2"} - record.results.keys()
            assert len(left) == 2 - max(0, whole[:length].count(b"\n") - 1)
            for unit in sorted(left):
                record.add(unit, DONE)
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "release", [Release({}, "keyed", "other", "abc", str), Release({}, "keyed", "00cf2700", "x", str)]
)
def test_other_policy(release: Release, tmp_path: Path) -> None:
    """Another key or other settings cannot go on in the folder."""
    with open_record(tmp_path, RELEASE, tmp_path):
        pass
    with pytest.raises(ConfigError, match="another key"), open_record(tmp_path, release, tmp_path):
        pass


@pytest.mark.parametrize("line", [b"Smith\n", b"[]\n", b'{"unit": 1}\n'], ids=range(3))
def test_damaged(line: bytes, tmp_path: Path) -> None:
    """A line that is none is told and not quoted."""
    with open_record(tmp_path, RELEASE, tmp_path):
        pass
    with (tmp_path / "record.jsonl").open("ab") as file:
        file.write(line)
    with pytest.raises(ConfigError, match="damaged") as caught, open_record(tmp_path, RELEASE, tmp_path):
        pass
    assert "Smith" not in str(caught.value)

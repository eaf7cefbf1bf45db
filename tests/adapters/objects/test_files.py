"""Files of a bucket: keys stay inside, and a new file appears whole or not at all."""

import errno
from pathlib import Path

import pytest

from adapters.objects.contract import BadKey, BucketAway, NotAllowed, NotThere
from adapters.objects.files import NewFile, part_of, path_below, refusal_of


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/", "../a", "a/../b", "./a", "a\0b", ".hilum-1", "a/.hilum-1"])
def test_no_key(tmp_path: Path, key: str) -> None:
    """A key that leads out, or that a listing would not show, is none."""
    assert path_below(tmp_path, key) is None


def test_no_way_out_by_a_link(tmp_path: Path) -> None:
    """A link in the folder leads nowhere."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    assert path_below(tmp_path / "root", "out/secret") is None
    assert path_below(tmp_path / "root", "in/it") == tmp_path / "root" / "in" / "it"


def test_part(tmp_path: Path) -> None:
    """A part may end behind the end of the file."""
    (tmp_path / "a").write_bytes(b"0123456789")
    assert part_of(tmp_path / "a", 2, 3) == b"234"
    assert part_of(tmp_path / "a", 8, 10) == b"89"
    assert part_of(tmp_path / "a", 20, 10) == b""
    assert part_of(tmp_path / "a", 4, None) == b"456789"


def test_appear(tmp_path: Path) -> None:
    """The file is there with its last octet, and nothing is beside it."""
    new = NewFile(tmp_path / "deep" / "a", replace=False)
    new.write(b"12")
    new.write(memoryview(b"34"))
    assert not (tmp_path / "deep" / "a").exists()
    new.appear()
    new.drop()
    assert (tmp_path / "deep" / "a").read_bytes() == b"1234"
    assert [each.name for each in (tmp_path / "deep").iterdir()] == ["a"]


def test_nothing_is_replaced(tmp_path: Path) -> None:
    """A file that appears while another one with this name is written stays."""
    new = NewFile(tmp_path / "a", replace=False)
    new.write(b"new")
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        new.appear()
    new.drop()
    assert (tmp_path / "a").read_bytes() == b"old"
    with pytest.raises(FileExistsError):
        NewFile(tmp_path / "a", replace=False)
    again = NewFile(tmp_path / "a", replace=True)
    again.write(b"new")
    again.appear()
    again.drop()
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOENT, NotThere),
        (errno.EISDIR, BadKey),
        (errno.ENOTDIR, BadKey),
        (errno.ENAMETOOLONG, BadKey),
        (errno.EACCES, NotAllowed),
        (errno.EPERM, NotAllowed),
        (errno.ENOSPC, BucketAway),
        (errno.EIO, BucketAway),
    ],
)
def test_refusals(code: int, kind: type[Exception]) -> None:
    """Each error of the system says whether trying again can help; none names the file."""
    found = refusal_of(OSError(code, "why", "/patients/name"))
    assert type(found) is kind
    assert "name" not in str(found).replace("this name", "").replace("whose name", "")

"""The digest of a message does not depend on how it was cut, nor of a DICOM instance on who has sent it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.objects.hashing import MessageDigest, Watched, digest_of
from tests.dicom_files import make_instance


async def cut(data: bytes, size: int) -> AsyncIterator[bytes]:
    """Yield *data* in pieces."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("is_dicom", [True, False])
async def test_cut(tmp_path: Path, is_dicom: bool) -> None:
    """Each way to cut gives the same digest."""
    data = make_instance(tmp_path, 1, "1.2", "1.3").read_bytes()
    found = {await digest_of(cut(data, size), is_dicom=is_dicom) for size in (1, 100, 5000, 1_000_000)}
    assert len(found) == 1


async def test_sender(tmp_path: Path) -> None:
    """Another preamble is the same instance; another data set is not."""
    data = make_instance(tmp_path, 1, "1.2", "1.3").read_bytes()
    same, other = b"x" * 128 + data[128:], data[:-1] + b"x"
    one, two, three = [await digest_of(cut(each, 1000), is_dicom=True) for each in (data, same, other)]
    assert one == two != three


async def test_no_dicom() -> None:
    """What is called DICOM and is none has a digest, too."""
    assert len({await digest_of(cut(each, 3), is_dicom=True) for each in (b"", b"a", b"x" * 200, b"y" * 200)}) == 4


async def test_read_on() -> None:
    """What nobody has taken counts as well."""
    watched = Watched(cut(b"0123456789", 3), MessageDigest(is_dicom=False))
    assert await anext(watched) == b"012"
    assert await watched.digest() == await digest_of(cut(b"0123456789", 10), is_dicom=False)

"""The kinds of bucket, and that none of them is imported before it is used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.objects.folder import Folder
from adapters.objects.kinds import BUCKETS
from adapters.objects.settings import FolderBucketSettings
from gateway.contract.kind import BucketKind


def test_names() -> None:
    """Each kind is called as its settings say."""
    assert [each.name for each in BUCKETS] == ["folder", "s3", "gcs"]


def test_folder(tmp_path: Path) -> None:
    """A folder needs no library."""
    kind = BUCKETS[0]
    assert isinstance(kind.open("buckets.a", FolderBucketSettings(kind="folder", url=tmp_path)), Folder)
    assert list(kind.notices(FolderBucketSettings(kind="folder", url=tmp_path))) == []


@pytest.mark.parametrize("kind", BUCKETS[1:], ids=lambda each: each.name)
def test_remote(kind: BucketKind) -> None:
    """S3 and GCS are opened by obstore."""
    pytest.importorskip("obstore", reason="the extra objects is not installed")
    from adapters.objects.remote import Remote  # noqa: PLC0415  it needs the extra

    scheme = {"s3": "s3", "gcs": "gs"}[kind.name]
    settings = kind.settings.model_validate({"kind": kind.name, "url": f"{scheme}://x"})
    assert isinstance(kind.open("buckets.a", settings), Remote)


def test_nothing_is_imported_for_nobody() -> None:
    """The table of kinds costs nobody the library of S3 and GCS."""
    program = "import sys, gateway.kinds; sys.exit('obstore' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0

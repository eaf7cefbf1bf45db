"""The front page searches public tables, with a thumbnail beside each row."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.contract.pipeline import PipelineError
from gateway.contract.tables import Answer
from gateway.sandbox.overview.searching import MOST, NOTHING, UNKNOWN, Asked, search_part
from gateway.sandbox.server import Sandbox

HTML = {"Accept": "text/html"}
KEY = f"ab/{'ab' * 32}.webp"
NAMES = ("Modality", "report", "thumbnail")
ROWS = [("CT", "Small <b>nodule</b>", KEY), ("MR", None, None)]


@pytest.fixture
def buckets(tmp_path: Path) -> dict[str, Path]:
    """Make the buckets of a public side."""
    (tmp_path / "public" / "tables" / "public_table").mkdir(parents=True)
    (tmp_path / "public" / "tables" / "public_table" / "manifest.json").write_bytes(b"{}")
    (tmp_path / "thumbs" / "ab").mkdir(parents=True)
    (tmp_path / "thumbs" / KEY).write_bytes(b"RIFF")
    return {"public": tmp_path / "public", "thumbs": tmp_path / "thumbs"}


def part(buckets: dict[str, Path], rows: Sequence[Sequence[object]], table: str = "gs://public/tables") -> str:
    """Return the part after a search that finds *rows*."""
    return search_part(buckets, Asked(table, '"a" <b>'), lambda folder, words, most: Answer(NAMES, rows))


def test_no_table(tmp_path: Path) -> None:
    """Without a public table there is nothing to search."""
    assert part({"other": tmp_path}, ROWS) == ""


def test_rows(buckets: dict[str, Path]) -> None:
    """Each row has its thumbnail beside it, if it has one; what it says is no markup."""
    found = part(buckets, ROWS)
    assert "2 rows." in found
    assert f'<tr><td><img src="/thumbs/{KEY}" alt="Thumbnail" loading="lazy"></td><td>CT</td>' in found
    assert "<tr><td></td><td>MR</td>" in found
    assert "Small &lt;b&gt;nodule&lt;/b&gt;" in found
    assert 'value="&quot;a&quot; &lt;b&gt;"' in found
    assert "<option selected>gs://public/tables</option>" in found


def test_many(buckets: dict[str, Path]) -> None:
    """Only the first rows are shown, and the page says so."""
    found = part(buckets, [("CT", "", None)] * (MOST + 1))
    assert f"The first {MOST} rows." in found
    assert found.count("<td>CT</td>") == MOST


def test_nothing(buckets: dict[str, Path]) -> None:
    """A search without a result says so."""
    assert NOTHING in part(buckets, [])


def test_not_asked(buckets: dict[str, Path]) -> None:
    """Before a search there is the form only."""
    found = part(buckets, ROWS, "")
    assert "<form" in found
    assert "<table" not in found


def test_no_bucket_of_thumbnails(buckets: dict[str, Path]) -> None:
    """Without it the rows are shown, and how to have their thumbnails too."""
    del buckets["thumbs"]
    found = part(buckets, ROWS)
    assert "--bucket NAME=FOLDER" in found
    assert "<img" not in found


def test_mistakes(buckets: dict[str, Path]) -> None:
    """A table that is not there is not searched for, and what cannot be searched is told."""

    def refuse(folder: Path, words: str, most: int) -> Answer:
        raise PipelineError("write <words>")

    assert UNKNOWN in part(buckets, ROWS, "gs://public/../etc")
    assert "write &lt;words&gt;" in search_part(buckets, Asked("gs://public/tables", "x"), refuse)


async def test_served(tmp_path: Path, client: ClientSession) -> None:
    """A browser without script searches, and takes images of the sandbox only, which has them."""
    pytest.importorskip("duckdb", reason="the extra tables is not installed")
    from tests.adapters.pipeline.public_tables import public_table  # noqa: PLC0415

    public_table(tmp_path / "public" / "tables")
    (tmp_path / "thumbs" / "ab").mkdir(parents=True)
    (tmp_path / "thumbs" / KEY).write_bytes(b"RIFF")
    folders = {"public": tmp_path / "public", "thumbs": tmp_path / "thumbs"}
    async with Sandbox(tmp_path / "data", buckets=folders) as sandbox:
        asked = {"table": "gs://public/tables", "words": " NODULE"}
        async with client.get(sandbox.url, params=asked, headers=HTML) as reply:
            page, policy = await reply.text(), reply.headers["Content-Security-Policy"]
        assert "form-action 'self'; img-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "Small nodule" in page
        assert "chest" not in page
        assert f'src="/thumbs/{KEY}"' in page
        async with client.get(f"{sandbox.url}/thumbs/{KEY}") as reply:
            assert (reply.status, await reply.read()) == (200, b"RIFF")
    async with (
        Sandbox(tmp_path / "other") as sandbox,
        client.get(sandbox.url, headers=HTML) as reply,
    ):
        assert "form-action 'none'" in reply.headers["Content-Security-Policy"]
        assert "Public tables" not in await reply.text()

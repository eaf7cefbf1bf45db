"""Which objects an export may replace: its own, of a run that was ended, and no other."""

import io
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.exporting.uploading import OnConflict, Uploading
from gateway.cli.importing.ledger import Ledger
from gateway.cli.importing.patience import Patience
from gateway.cli.importing.places import place_of
from gateway.contract.objects import BucketAway, NotAllowed


def uploading(folder: Path, ledger: Ledger, on_conflict: OnConflict = "skip") -> Uploading:
    """Return the bucket of an export."""

    async def no_time(_: float) -> None:
        return None

    return Uploading(place_of(f"{folder}/out", {}, lambda _: None), ledger, Patience(60, sleep=no_time), on_conflict)  # type: ignore[arg-type,return-value]


async def written(one: Uploading, key: str, data: bytes) -> str:
    """Write an object and return what became of it."""
    return (await one.write(key, io.BytesIO(data), len(data))).state


async def test_own_and_others(tmp_path: Path) -> None:
    """What was there before stays; what this export has written may be written again."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other").write_bytes(b"other")
    with Ledger(tmp_path / "a") as ledger:
        one = uploading(tmp_path, ledger)
        assert [await written(one, key, b"1") for key in ("own", "other")] == ["stored", "refused"]
        assert await written(one, "own", b"2") == "stored"
        assert (one.is_own("own"), one.is_own("other")) == (True, False)
        await one.remove("own")
        assert (one.is_own("own"), await one.has("own")) == (False, False)
        assert await written(uploading(tmp_path, ledger, "overwrite"), "other", b"3") == "stored"
    assert (tmp_path / "out" / "other").read_bytes() == b"3"


@pytest.mark.parametrize(("on_conflict", "state"), [("skip", "skipped"), ("refuse", "refused"), ("overwrite", None)])
async def test_what_is_there(tmp_path: Path, on_conflict: OnConflict, state: str | None) -> None:
    """An instance that is there already is not fetched, unless it shall be replaced."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").touch()
    with Ledger(tmp_path / "a") as ledger:
        one = uploading(tmp_path, ledger, on_conflict)
        verdict = await one.skips("a")
        assert (None if verdict is None else verdict.state) == state
        assert await one.skips("b") is None


async def test_a_bucket_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again while the bucket is away, and not where it refuses."""
    with Ledger(tmp_path / "a") as ledger:
        one = uploading(tmp_path, ledger)
        create, failures = one._place.bucket.create, [BucketAway("x"), BucketAway("x")]

        async def failing(*words: Any, **named: Any) -> None:
            if failures:
                raise failures.pop()
            await create(*words, **named)

        monkeypatch.setattr(one._place.bucket, "create", failing)
        assert await written(one, "a", b"1") == "stored"
        failures.append(NotAllowed("forbidden"))  # type: ignore[arg-type]
        assert await written(one, "b", b"1") == "failed"

"""What SOURCE and BUCKET may name."""

from pathlib import Path
from typing import Any

import pytest

from gateway.cli.importing.places import pattern_of, place_of, source_of
from gateway.config.buckets import opener_of
from gateway.contract.errors import ConfigError
from gateway.kinds import KINDS

KIND = KINDS.buckets["folder"].settings


def buckets(folder: Path) -> dict[str, Any]:
    """Return the buckets of a configuration."""
    return {"north": KIND.model_validate({"kind": "folder", "url": str(folder / "n")})}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("north", "**"),
        ("north/", "**"),
        ("north/a/", "a/**"),
        ("north/a/*.dcm", "a/*.dcm"),
        ("{}/n/a/**.dcm", "a/**.dcm"),
    ],
)
def test_bucket(tmp_path: Path, text: str, pattern: str) -> None:
    """A bucket by its name or its address."""
    place = place_of(text.format(tmp_path), buckets(tmp_path), opener_of(buckets(tmp_path)))
    assert (place.uri("x/y"), pattern_of(place)) == (f"{tmp_path}/n/x/y", pattern)


async def test_folder(tmp_path: Path) -> None:
    """Anything else is a folder, or one file."""
    (tmp_path / "northern").mkdir()
    (tmp_path / "northern" / "a").touch()
    place = place_of(f"{tmp_path}/northern", buckets(tmp_path), opener_of(buckets(tmp_path)))
    assert [place.uri(each.key) async for each in place.bucket.list(pattern_of(place))] == [f"{tmp_path}/northern/a"]
    place = place_of(f"{tmp_path}/northern/a", {}, opener_of({}))
    assert (pattern_of(place), place.uri("a")) == ("a", f"{tmp_path}/northern/a")


def test_mistakes(tmp_path: Path) -> None:
    """An address of no bucket, and a pattern that is none."""
    with pytest.raises(ConfigError, match="no bucket of the configuration has this address; there is north"):
        place_of("s3://absent", buckets(tmp_path), opener_of(buckets(tmp_path)))
    with pytest.raises(
        ConfigError, match=r"SOURCE: nort/a\*: there is no folder .* no bucket of the configuration \(north\)"
    ):
        source_of("nort/a*", buckets(tmp_path), opener_of(buckets(tmp_path)))
    assert source_of("north/a*", buckets(tmp_path), opener_of(buckets(tmp_path))).path == "a*"
    assert source_of(str(tmp_path), {}, opener_of({})).address == str(tmp_path)
    with pytest.raises(ConfigError, match="SOURCE: the pattern has"):
        pattern_of(place_of("north/**/a", buckets(tmp_path), opener_of(buckets(tmp_path))))

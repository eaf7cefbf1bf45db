"""Buckets of a configuration are opened by name; a name that is not there is told with those that are."""

from pathlib import Path
from typing import Any

import pytest

from gateway.config.buckets import bucket_problems, opener_of
from gateway.config.loading import Config, parse
from gateway.contract.errors import ConfigError
from gateway.process.notices import notices

REST = """
listeners: {lab: {kind: mllp, port: 0}}
destinations: {store: {kind: http, url: "http://127.0.0.1:1/"}}
routes: [{from: lab, to: store}]
"""


def parsed(buckets: str) -> Config:
    """Return the configuration with these buckets."""
    return parse(f"{REST}buckets: {buckets}", {})


async def test_open(tmp_path: Path) -> None:
    """A folder is opened by its name."""
    (tmp_path / "a").write_bytes(b"1")
    opened = opener_of(parsed(f"{{archive: {{kind: folder, url: {tmp_path}}}}}").buckets)
    assert await opened("archive").read("a") == b"1"
    with pytest.raises(ConfigError, match="there is no such bucket; there is archive"):
        opened("other")


@pytest.mark.parametrize(
    ("destinations", "buckets", "problems"),
    [
        ({"a": {"bucket": "x"}}, {"x": {}}, []),
        ({"a": {"bucket": "x"}}, {"y": {}}, ["destinations.a.bucket: there is no bucket 'x'; there is y"]),
        ({"a": {"bucket": "x"}}, None, ["destinations.a.bucket: there is no bucket 'x'; there is none"]),
        ({"a": {"bucket": 3}, "b": 4}, [], []),
        (None, None, []),
    ],
)
def test_problems(destinations: Any, buckets: Any, problems: list[str]) -> None:
    """A destination names a bucket of the same file."""
    assert list(bucket_problems(destinations, buckets)) == problems


@pytest.mark.parametrize(
    ("buckets", "mistake"),
    [
        ("{a: {kind: folder}}", "buckets.a.url: is missing"),
        ("{a: {kind: tape, url: x}}", "buckets.a.kind: "),
        ("{a: {kind: folder, url: /x, endpoint: y}}", "buckets.a.endpoint: "),
        ("{a: {kind: s3, url: 's3://x', credentials: {kind: s3, key: x}}}", "buckets.a.credentials.key: "),
    ],
)
def test_mistakes(buckets: str, mistake: str) -> None:
    """Each mistake in a bucket is told with its place."""
    with pytest.raises(ConfigError) as raised:
        parsed(buckets)
    (problem,) = raised.value.problems
    assert mistake in problem


def test_notices(tmp_path: Path) -> None:
    """`hilum check` tells of a folder that is not there, and of patients' data in the clear."""
    pytest.importorskip("obstore", reason="the extra objects is not installed")
    config = parsed(
        f"{{a: {{kind: folder, url: {tmp_path}/absent}}, b: {{kind: s3, url: 's3://b', endpoint: 'http://b.example'}}}}"
    )
    found = [each for each in notices(config) if each.startswith("buckets.")]
    assert found[0].startswith("buckets.a.url: there is no such folder")
    assert found[1].startswith("buckets.b.endpoint: patients' data goes to b.example in the clear")


def test_a_kind_that_is_called_like_a_key() -> None:
    """The place of a mistake is right for the kind `bucket`, which has a key `bucket`."""
    start = (
        "listeners: {lab: {kind: mllp, port: 0}}\nroutes: [{from: lab, to: c}]\nbuckets: {b: {kind: folder, url: /b}}\n"
    )
    for rest, place in (
        ("bucket: b, key: '{x}'", "destinations.c.key: {x} is not known"),
        ("key: '{digest}'", "destinations.c.bucket: is missing"),
        ("bucket: ''", "destinations.c.bucket: "),
        ("bucket: b, buckets: c", "destinations.c.buckets: "),
        ("bucket: other", "destinations.c.bucket: there is no bucket 'other'"),
    ):
        with pytest.raises(ConfigError) as raised:
            parse(f"{start}destinations: {{c: {{kind: bucket, {rest}}}}}\n", {})
        assert place in str(raised.value), str(raised.value)

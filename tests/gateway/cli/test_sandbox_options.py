"""The options of the sandbox."""

import argparse
from pathlib import Path

import pytest

from gateway.cli.sandbox_options import OWNER, add_options, bucket, check_buckets
from gateway.contract.errors import ConfigError


def parsed(*arguments: str) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(arguments)


def test_buckets(tmp_path: Path) -> None:
    """Buckets are folders that exist, with names that a URI can have."""
    (tmp_path / "b").mkdir()
    options = parsed("--bucket", f"ab={tmp_path}", "--bucket", f"b-1={tmp_path}/b", "--strict")
    assert (dict(options.bucket), options.strict) == ({"ab": tmp_path, "b-1": tmp_path / "b"}, True)
    assert check_buckets(options.bucket) == dict(options.bucket)
    with pytest.raises(ConfigError, match="create it first"):
        check_buckets([("ab", tmp_path / "none")])
    for wrong in ("a", "A=/", "ab="):
        with pytest.raises(argparse.ArgumentTypeError):
            bucket(wrong)


def test_owner() -> None:
    """Policies are enforced with a named owner, or the usual one."""
    assert [parsed(*each).enforce_iam for each in ((), ("--enforce-iam",), ("--enforce-iam", "me"))] == [
        None,
        OWNER,
        "me",
    ]

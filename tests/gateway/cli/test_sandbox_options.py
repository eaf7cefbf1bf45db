"""The options of the sandbox."""

import argparse

from gateway.cli.sandbox_options import OWNER, add_options


def parsed(*arguments: str) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(arguments)


def test_buckets() -> None:
    """Buckets may be several; a sandbox is lenient unless it is told otherwise."""
    options = parsed("--bucket", "ab=/data", "--bucket", "b-1=/scans", "--strict")
    assert (options.bucket, options.strict, parsed().strict) == (["ab=/data", "b-1=/scans"], True, False)


def test_owner() -> None:
    """Policies are enforced with a named owner, or the usual one."""
    assert [parsed(*each).enforce_iam for each in ((), ("--enforce-iam",), ("--enforce-iam", "me"))] == [
        None,
        OWNER,
        "me",
    ]

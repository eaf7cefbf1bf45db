"""``filterConfig``."""

from pathlib import Path

import pytest

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.dicom.managing.filters import read_one, scopes_in
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.google_error import ApiError


def test_lines(tmp_path: Path) -> None:
    """Each line is a study, series or instance; without a filter there is none, with an empty one nothing."""
    buckets = Buckets(tmp_path)
    buckets.write("gs://data", "f", [b"/studies/1\r", b"", b" /studies/1/series/2/instances/3 "])
    buckets.write("gs://data", "empty", [])
    body = {"filterConfig": {"resourcePathsGcsUri": "gs://data/f"}}
    assert scopes_in(body, "s", buckets) == (Scope("s", "1"), Scope("s", "1", "2", "3"))
    assert scopes_in({"filterConfig": {"resourcePathsGcsUri": "gs://data/empty"}}, "s", buckets) == ()
    assert scopes_in({}, "s", buckets) is None


def test_refused(tmp_path: Path) -> None:
    """A line that is no path is told by its number; an object that is not there, and a pattern, are errors."""
    buckets = Buckets(tmp_path)
    buckets.write("gs://data", "f", [b"/studies/1", b"/patients/Quagmire"])
    with pytest.raises(ApiError, match="line 2 of the filter is not /studies"):
        scopes_in({"filterConfig": {"resourcePathsGcsUri": "gs://data/f"}}, "s", buckets)
    for uri, status in (("gs://data/none", 404), ("gs://data/*", 400), (5, 400)):
        with pytest.raises(ApiError) as raised:
            read_one(buckets, uri, "x")
        assert raised.value.status == status

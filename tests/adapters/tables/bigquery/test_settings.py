"""Settings of a table of BigQuery."""

import pytest
from pydantic import ValidationError

from adapters.tables.bigquery.settings import BigQuerySettings

URL = "https://bigquery.googleapis.com/bigquery/v2/projects/p/datasets/d"


def test_url() -> None:
    """The address is that of a dataset, also of a local BigQuery."""
    for url in (URL, f"{URL}/", "http://127.0.0.1:8090/bigquery/v2/projects/p/datasets/d"):
        assert BigQuerySettings(kind="bigquery", url=url, table="t").url == url.rstrip("/")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", "https://bigquery.googleapis.com"),
        ("url", f"{URL}/tables/t"),
        ("table", "a-b"),
        ("timezone", "Mars/Base"),
    ],
)
def test_mistakes(key: str, value: str) -> None:
    """A wrong value is told with its key."""
    with pytest.raises(ValidationError, match=key):
        BigQuerySettings.model_validate({"kind": "bigquery", "url": URL, "table": "t", key: value})

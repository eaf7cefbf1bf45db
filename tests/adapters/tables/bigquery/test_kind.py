"""The kind ``bigquery``."""

from adapters.tables.bigquery.kind import BIGQUERY
from adapters.tables.bigquery.settings import BigQuerySettings


def test_notices() -> None:
    """Patients' data in the clear is told."""
    path = "/bigquery/v2/projects/p/datasets/d"
    clear = BigQuerySettings(kind="bigquery", url=f"http://bq.example{path}", table="t")
    assert ["url"] == [key for key, _ in BIGQUERY.notices(clear, ())]
    assert [] == list(BIGQUERY.notices(clear.model_copy(update={"url": f"https://bq.example{path}"}), ()))

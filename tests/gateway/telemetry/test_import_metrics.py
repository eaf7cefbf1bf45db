"""What the metrics say of imports."""

from gateway.telemetry.import_metrics import ImportCount
from gateway.telemetry.metrics import Metrics
from tests.waiting import until

COUNTS = [
    ImportCount("images", "stored", "", 7, 9),
    ImportCount("images", "refused", "content", 2, 0),
    ImportCount("images", "failed", "content", 1, 0),
]


async def test_shown() -> None:
    """Objects by state, those that are not stored by the sort of the reason, and messages."""
    metrics = Metrics()
    metrics.imports(lambda: COUNTS)
    metrics.render()
    await until(lambda: b"hilum_import_objects{" in metrics.render())
    lines = metrics.render().decode().splitlines()
    assert 'hilum_import_objects{destination="images",state="refused"} 2.0' in lines
    assert 'hilum_import_not_stored_objects{destination="images",reason="content"} 3.0' in lines
    assert 'hilum_import_stored_messages{destination="images"} 9.0' in lines

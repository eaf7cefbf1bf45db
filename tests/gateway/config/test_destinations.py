"""The destinations of a configuration, for those who look after the spool."""

from pathlib import Path

import pytest

from gateway.config import loading as config
from gateway.config.destinations import destinations_of, spool_notices
from gateway.spool import Plan, open_spool
from gateway.spool.operating.destinations import told
from tests.gateway.spool.log.logs import keep_segment
from tests.gateway.spool.spools import SETTINGS, commit, folder_of
from tests.gateway.spooled import Spooled
from tests.running import relay


@pytest.mark.parametrize(
    ("kind", "listener", "protocols"),
    [
        ("hl7v2_store", "mllp", {"mllp", "pubsub"}),
        ("http", "mllp", {"mllp", "pubsub"}),
        ("dicomweb", "dimse", {"dimse", "pubsub_dicom"}),
    ],
)
def test_protocols(kind: str, listener: str, protocols: set[str]) -> None:
    """A kind of destination takes what the listeners receive that may be routed to it."""
    text = relay(f"kind: {listener}, port: 0", f'kind: {kind}, url: "http://127.0.0.1:1/"')
    assert {"out": protocols} == destinations_of(config.parse(text))


async def test_notices(spooled: Spooled) -> None:
    """A destination that is not configured is told with the number of what waits, whether the gateway runs or not."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"') + f"data_dir: {spooled.data_dir}\n"
    assert [f"destinations.other: {told('other', 1)}"] == list(spool_notices(config.parse(text)))


async def test_a_damaged_log(tmp_path: Path) -> None:
    """A part of the intake log that is kept because it is damaged is told until somebody has removed it."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, plan=Plan(("out",)))
        name = folder_of(tmp_path).name
        keep_segment(folder_of(tmp_path))
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"') + f"data_dir: {tmp_path}\n"
    problem = "the intake log: damaged-0000000001 is kept, because it is not what was written"
    assert [f"data_dir: {name}: {problem}; see `hilum spool verify`"] == list(spool_notices(config.parse(text)))


def test_no_notices(tmp_path: Path) -> None:
    """Where there is no spool nothing is told; where it cannot be read, that is."""
    text = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"') + f"data_dir: {tmp_path}\n"
    assert [] == list(spool_notices(config.parse(text)))
    (tmp_path / "spool").write_text("not a folder: root may look into every folder")
    (line,) = spool_notices(config.parse(text))
    assert line.startswith("data_dir: the spool cannot be read: Not a directory; run this as the user of hilum serve;")
    assert line.endswith("cannot check whether messages wait for destinations that are not configured")

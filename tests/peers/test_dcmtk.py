"""DCMTK's requestors against the listener: echoscu, storescu and dcmsend."""

import asyncio
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.message import Message
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Outcome, Unavailable
from tests.adapters.dimse.fakes import KeepingStore, RecordingMeter, StuckStore, serving, until
from tests.dicom_files import data_set, make_series, shipped

MISSING = [tool for tool in ("dcmconv", "dcmsend", "echoscu", "storescu") if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"DCMTK is not installed: no {', '.join(MISSING)}")

# storescu's option that proposes the transfer syntax, dcmconv's that makes it, and a file of pydicom's to make it from.
SYNTAXES = {
    "implicit": ("-xi", "+t=", "rtplan.dcm"),
    "explicit": ("-xe", "+t=", "reportsi.dcm"),
    "big endian": ("-xb", "+t=", "MR_small_bigendian.dcm"),
    "deflated": ("-xd", "+td", "reportsi.dcm"),
    "JPEG baseline": ("-xy", "+t=", "SC_jpeg_no_color_transform.dcm"),
    "JPEG extended": ("-xx", "+t=", "JPGExtended.dcm"),
    "JPEG lossless": ("-xs", "+t=", "SC_rgb_jpeg_gdcm.dcm"),
    "JPEG-LS lossy": ("-xu", "+t=", "JPEGLSNearLossless_16.dcm"),
    "JPEG 2000 lossless": ("-xv", "+t=", "examples_jpeg2k.dcm"),
    "JPEG 2000 lossy": ("-xw", "+t=", "JPEG2000.dcm"),
    "RLE": ("-xr", "+t=", "SC_rgb_rle_2frame.dcm"),
}


@pytest.fixture
def meter() -> RecordingMeter:
    """Return a meter that remembers."""
    return RecordingMeter()


@pytest.fixture
def store() -> KeepingStore:
    """Return a store that takes everything."""
    return KeepingStore()


async def run(*command: str | int | Path) -> tuple[int | None, str]:
    """Run *command*; return its exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode(errors="replace")


async def as_dcmtk_writes(path: Path, option: str, folder: Path) -> Path:
    """Return a copy that DCMTK wrote: it writes anew what it sends, so only then the octets can be the same."""
    copy = folder / "copy.dcm"
    assert (0, "") == await run("dcmconv", option, path, copy)
    return copy


async def test_echo(store: KeepingStore, meter: RecordingMeter) -> None:
    """An echoscu is answered, as often as it asks."""
    async with serving(store, meter) as listener:
        assert (0, "") == await run("echoscu", "--repeat", 5, "-aec", "HILUM", "127.0.0.1", listener.port)


async def test_wrong_title(store: KeepingStore, meter: RecordingMeter) -> None:
    """A title that the listener does not answer to is named as the reason."""
    async with serving(store, meter) as listener:
        status, said = await run("echoscu", "-aec", "OTHER", "127.0.0.1", listener.port)
    assert status != 0
    assert "Called AE Title Not Recognized" in said
    assert [Rejection.CALLED_AE_TITLE] == meter.rejections


@pytest.mark.parametrize(("proposed", "made", "name"), SYNTAXES.values(), ids=SYNTAXES)
async def test_transfer_syntaxes(
    store: KeepingStore, meter: RecordingMeter, tmp_path: Path, proposed: str, made: str, name: str
) -> None:
    """Whatever the transfer syntax, the data set arrives as it was sent."""
    path = await as_dcmtk_writes(shipped(name), made, tmp_path)
    async with serving(store, meter) as listener:
        assert (0, "") == await run("storescu", proposed, "-aec", "HILUM", "127.0.0.1", listener.port, path)
    (body,) = store.bodies.values()
    assert data_set(path.read_bytes()) == data_set(body)


@pytest.mark.parametrize("max_pdu", [4096, 16384, 131072])
async def test_series(store: KeepingStore, meter: RecordingMeter, tmp_path: Path, max_pdu: int) -> None:
    """Any number of instances on one association, in PDUs of any size; DCMTK's small last segments cost no delay."""
    series = make_series(tmp_path, 100)
    command = ("storescu", "--max-pdu", max_pdu, "--max-send-pdu", max_pdu, "-aec", "HILUM", "+sd", "127.0.0.1")
    async with serving(store, meter) as listener, asyncio.timeout(60):
        assert (0, "") == await run(*command, listener.port, tmp_path)
    sent = sorted(data_set(path.read_bytes()) for path in series)
    assert sent == sorted(data_set(body) for body in store.bodies.values())
    assert ["0000"] * 100 == meter.answers


async def test_several_associations(store: KeepingStore, meter: RecordingMeter, tmp_path: Path) -> None:
    """Several senders at once do not disturb each other."""
    make_series(tmp_path, 20)
    async with serving(store, meter) as listener:
        command = ("storescu", "-aec", "HILUM", "+sd", "127.0.0.1", listener.port, tmp_path)
        assert [(0, "")] * 4 == await asyncio.gather(*(run(*command) for _ in range(4)))
    assert ["0000"] * 80 == meter.answers


async def test_dcmsend(store: KeepingStore, meter: RecordingMeter, tmp_path: Path) -> None:
    """A dcmsend proposes what its files are, and every one arrives."""
    files = [shipped(name) for _, made, name in SYNTAXES.values() if made == "+t="]
    command = ("dcmsend", "--quiet", "--no-uid-checks", "--decompress-never", "-aec", "HILUM", "127.0.0.1")
    async with serving(store, meter) as listener:
        status, said = await run(*command, listener.port, *files)
    assert (0, "") == (status, said)
    assert ["0000"] * len(files) == meter.answers


async def test_limit_in_the_protocol(meter: RecordingMeter, tmp_path: Path) -> None:
    """One association too many is told why."""
    stuck = StuckStore()
    make_series(tmp_path, 1)
    async with serving(stuck, meter, max_connections=1) as listener:
        first = asyncio.create_task(run("storescu", "-aec", "HILUM", "+sd", "127.0.0.1", listener.port, tmp_path))
        await stuck.is_reached.wait()
        _, said = await run("echoscu", "-aec", "HILUM", "127.0.0.1", listener.port)
        assert "Local Limit Exceeded" in said
        stuck.go_on.set()
        assert (0, "") == await first


async def test_unavailable(meter: RecordingMeter, tmp_path: Path) -> None:
    """A store that does not answer is told as out of resources, and storescu says so."""

    async def deliver(_: Message) -> Outcome:
        return Unavailable("the store does not answer")

    make_series(tmp_path, 1)
    async with serving(deliver, meter) as listener:
        _, said = await run("storescu", "-v", "-aec", "HILUM", "+sd", "127.0.0.1", listener.port, tmp_path)
    assert "Refused: OutOfResources" in said
    assert ["A700"] == meter.answers


async def test_abort_at_the_end(store: KeepingStore, meter: RecordingMeter, tmp_path: Path) -> None:
    """A storescu that aborts after its answers has delivered all the same."""
    make_series(tmp_path, 2)
    async with serving(store, meter) as listener:
        await run("storescu", "--abort", "-aec", "HILUM", "+sd", "127.0.0.1", listener.port, tmp_path)
        await until(lambda: not listener.tasks)
    assert (["0000"] * 2, [Rejection.PEER_ABORTED]) == (meter.answers, meter.rejections)


async def test_killed_mid_instance(meter: RecordingMeter, tmp_path: Path) -> None:
    """A storescu that dies in the middle of an instance leaves nothing behind."""
    stuck = StuckStore(chunks=2)
    (path,) = make_series(tmp_path, 1, rows=2048, columns=2048)
    async with serving(stuck, meter, window_bytes=65536) as listener:
        process = await asyncio.create_subprocess_exec(
            "storescu", "-aec", "HILUM", "127.0.0.1", str(listener.port), str(path)
        )
        await stuck.is_reached.wait()
        process.kill()
        await process.wait()
        stuck.go_on.set()
        await stuck.is_cancelled.wait()
    assert ([], [], [Rejection.PEER_LOST]) == (meter.sizes, meter.answers, meter.rejections)


async def test_drained(meter: RecordingMeter, tmp_path: Path) -> None:
    """While the listener drains, storescu gets the answer that is due, and is then aborted."""
    stuck = StuckStore()
    make_series(tmp_path, 3)
    with capture_logs() as lines:
        async with serving(stuck, meter) as listener:
            sending = asyncio.create_task(run("storescu", "-aec", "HILUM", "+sd", "127.0.0.1", listener.port, tmp_path))
            await stuck.is_reached.wait()
            listener.stop_accepting()
            stuck.go_on.set()
            status, said = await sending
    assert status != 0
    assert "Peer aborted Association" in said
    assert ["0000"] == meter.answers
    assert ["aborted_here"] == [line["by"] for line in lines if line["event"] == "association_aborted"]

"""DICOM implementations in other languages: dcmjs-dimse, GDCM, CTN and PixelMed, as senders and as receivers."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dicom_files import make_series, sop_instance_uid
from tests.peers.gateway import MODES, running_site, until_stored
from tests.peers.programs import (
    PIXELMED,
    Command,
    needs_ctn,
    needs_gdcm,
    needs_node,
    needs_pixelmed,
    node,
    run,
    running,
    until_listening,
)
from tests.ports import free_port

pytestmark = pytest.mark.slow

NETWORK = "com.pixelmed.network"
HOST = "127.0.0.1"

# Each sends the files to the port; PixelMed reads their names from its input.
SENDERS: dict[str, Callable[[int, list[Path]], Command]] = {
    "dcmjs-dimse": lambda port, files: node("dcmjs_dimse_scu.js", port, "HILUM", *files),
    "gdcm": lambda port, files: ("gdcmscu", "--store", HOST, port, "--call", "HILUM", "-r", "-i", files[0].parent),
    "ctn": lambda port, files: ("send_image", "-q", "-r", "-a", "CTN", "-c", "HILUM", HOST, port, *files),
    "pixelmed": lambda port, _: (*PIXELMED, f"{NETWORK}.StorageSOPClassSCU", HOST, port, "HILUM", "PIXELMED", "-", 0),
}
ECHOES: dict[str, Callable[[int], Command]] = {
    "dcmjs-dimse": lambda port: node("dcmjs_dimse_scu.js", port, "HILUM"),
    "gdcm": lambda port: ("gdcmscu", "--echo", HOST, port, "--call", "HILUM"),
    "ctn": lambda port: ("dicom_echo", "-a", "CTN", "-c", "HILUM", HOST, port),
    "pixelmed": lambda port: (*PIXELMED, f"{NETWORK}.VerificationSOPClassSCU", HOST, port, "HILUM", "PIXELMED", 0),
}
NEEDS = {"dcmjs-dimse": needs_node, "gdcm": needs_gdcm, "ctn": needs_ctn, "pixelmed": needs_pixelmed}
ABORTS = {"gdcm"}
"""gdcmscu 3.0.21 aborts at its end, after any operation with any peer (ProtocolStream as nullptr is invalid)."""

peers = pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS[name]) for name in SENDERS])


@peers
async def test_sender(tmp_path: Path, name: str) -> None:
    """What a foreign sender stores is answered 0000 and in the store, in both modes; so is its echo."""
    sent: set[str] = set()
    async with running_site(tmp_path) as site:
        for mode in MODES:
            port = site.ports[f"dicom-{mode}"]
            folder = tmp_path / mode
            folder.mkdir()
            files = make_series(folder, 3)
            sent |= {sop_instance_uid(path.read_bytes()) for path in files}
            commands = [ECHOES[name](port), SENDERS[name](port, files)]
            for command in commands:
                status, said = await run(*command, stdin="".join(f"{path}\n" for path in files))
                assert status == 0 or name in ABORTS, said
        await until_stored(sent, site.instances)
        answered = await site.gateway.all_logged("instance_answered", len(sent))
        assert ["0000"] * len(sent) == [each["answer"] for each in answered]
        assert sent == await site.instances()
        assert [] == site.answers("association_aborted", "by")


# Each listens on the port, in a folder of its own, under its title.
RECEIVERS: dict[str, tuple[str, Callable[[int], Command]]] = {
    "dcmjs-dimse": ("DCMJS", lambda port: node("dcmjs_dimse_scp.js", port)),
    "ctn": ("CTN", lambda port: ("simple_storage", "-c", "CTN", "-s", port)),
    "pixelmed": (
        "PIXELMED",
        lambda port: (*PIXELMED, f"{NETWORK}.StorageSOPClassSCPDispatcher", port, "PIXELMED", "."),
    ),
}
receivers = pytest.mark.parametrize("name", [pytest.param(name, marks=NEEDS[name]) for name in RECEIVERS])


@receivers
async def test_receiver(tmp_path: Path, name: str) -> None:
    """``hilum echo`` and ``hilum send dicom`` are understood by a foreign receiver."""
    folder, images, port = tmp_path / "receiver", tmp_path / "images", free_port()
    folder.mkdir()
    images.mkdir()
    files = make_series(images, 3)
    title, command = RECEIVERS[name]
    address = f"{title}@{HOST}:{port}"
    async with running(*command(port), folder=folder) as said:
        await until_listening(port)
        echo = await run(sys.executable, "-m", "gateway", "echo", address)
        sent = await run(sys.executable, "-m", "gateway", "send", "dicom", address, *files)
    assert (0, ["0000"]) == (echo[0], statuses(echo[1])), said
    assert (0, ["0000"] * 3) == (sent[0], statuses(sent[1])), said


def statuses(printed: str) -> list[str]:
    """Return the first word of each line but the sum."""
    return [line.split()[0] for line in printed.splitlines() if " in all: " not in line]

"""Incidents 16 to 18: one SOP class is refused, one message fails alone, the disk is nearly full."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web

from tests.incidents.staging import Told, settings, staged
from tests.incidents.stores import LISTENERS, ROUTES, Store, results, takes

pytestmark = [pytest.mark.slow, pytest.mark.slow, pytest.mark.timeout(900)]
ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
MODALITIES = "modalities: {kind: dimse, port: 0, acknowledge: commit}"
MIB = 1 << 20


async def takes_no_enhanced_pet(request: web.Request, body: bytes) -> web.Response:
    """Refuse one SOP class as a STOW-RS server does (PS3.18 10.5.3), and take all others."""
    if request.method != "POST" or ENHANCED_PET.encode() not in body:
        return web.Response()
    uid = next(each for each in UIDS if each.encode() in body)
    failed = {
        "00081150": {"vr": "UI", "Value": [ENHANCED_PET]},
        "00081155": {"vr": "UI", "Value": [uid]},
        "00081197": {"vr": "US", "Value": [0xC122]},
    }
    answer = {"00081198": {"vr": "SQ", "Value": [failed]}}
    return web.Response(status=409, text=json.dumps(answer), content_type="application/dicom+json")


UIDS = tuple(f"1.2.3.77{number}.5" for number in range(3))


@pytest.mark.parametrize("end", ["allowed", "discarded"])
async def test_16_sop_class_is_refused(tmp_path: Path, end: str) -> None:
    """The store takes no Enhanced PET; then it does and they are retried, or somebody discards them."""
    told = Told(
        "class_refused",
        "images",
        "store",
        "images refuses every Enhanced PET (C122), 3 times so far.",
        "Its owner allows Enhanced PET, or add a route that sends it elsewhere.",
        ("images takes no Enhanced PET", "3 instances are parked here, safe."),
    )
    store = Store()
    store.answer = takes_no_enhanced_pet
    destination = f'images: {{kind: dicomweb, accept_empty: true, url: "{store.url}"}}'
    text = settings(tmp_path, MODALITIES, destination, "{from: modalities, to: images}")
    async with store.up(), staged(tmp_path, text) as stage:
        assert 0 == await stage.instance("modalities", "1.2.3.1")
        for uid in UIDS:
            assert 0 == await stage.instance("modalities", uid, "PET1", ENHANCED_PET)
        await stage.tells(told)
        if end == "allowed":
            store.answer = takes
            code, printed = await stage.command("spool", "retry", "--destination", "images", "--yes")
        else:
            why = ("--reason", "sent to the other archive")
            code, printed = await stage.command("spool", "discard", "--destination", "images", "--yes", *why)
        assert 0 == code, printed
        await stage.is_as_usual()
        await stage.has_logged_once(told)


@pytest.mark.parametrize("end", ["taken", "discarded"])
async def test_17_message_fails_alone(tmp_path: Path, end: str) -> None:
    """One message fails again and again, and others pass; then the store takes it, or somebody discards it."""
    told = Told(
        "poison",
        "results",
        "store",
        " have passed since it failed first.",
        "Look at the message; if results can never take it, discard it. It delays no message of other senders.",
        ("One message fails at results, others pass", "It waits here, safe, and is tried again"),
    )
    store, numbers = Store(), count()

    async def answer(_request: web.Request, body: bytes) -> web.Response:
        return web.Response(status=500 if b"POISON" in body else 200)

    store.answer = answer
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:

        async def traffic() -> None:
            assert "AA" == await stage.message("lab", f"C{next(numbers)}")

        assert "AA" == await stage.message("lab", "POISON")
        for _ in range(3):
            await traffic()
        await stage.tells(told, traffic)
        if end == "taken":
            store.answer = takes
        else:
            words = ("--control-id", "POISON", "--state", "waiting", "--yes", "--reason", "sent by hand")
            code, printed = await stage.command("spool", "discard", *words)
            assert 0 == code, printed
        await stage.is_as_usual(traffic)
        await stage.has_logged_once(told)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 64 MiB in place of data_dir."""
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_18_disk_is_nearly_full(tmp_path: Path, small_disk: Path) -> None:
    """Something else fills the disk of data_dir; then somebody frees space."""
    told = Told(
        "disk_full",
        "spool",
        "here",
        "MiB left, and spool.min_free_bytes is 32.0 MiB.",
        "Free space on that disk, or deliver, move or discard what is parked. Hilum takes messages again by itself.",
        ("Nobody may send: there is no room", "Senders are told to send again later"),
    )
    store = Store()
    text = settings(tmp_path, LISTENERS, results(store.url), ROUTES, f"spool: {{min_free_bytes: {32 * MIB}}}")
    async with store.up(), staged(tmp_path, text) as stage:
        assert "AA" == await stage.message("lab", "C1")
        (small_disk / "other").write_bytes(bytes(40 * MIB))
        await stage.tells(told)
        assert f"{small_disk} has " in await stage.screen()  # in a terminal a long path may go over two lines
        assert "AR" == await stage.message("lab", "C2")
        (small_disk / "other").unlink()
        await stage.is_as_usual()
        await stage.has_logged_once(told)
        assert "AA" == await stage.message("lab", "C2")

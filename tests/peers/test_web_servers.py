"""Orthanc behind nginx, and a proxy in front of both: what each of them says for itself, and what the store says."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom import AE

from tests.certificates import Authority
from tests.dicom_files import make_instance, make_multi_frame, sop_instance_uid
from tests.peers.orthanc import Orthanc, needs_orthanc, running_orthanc
from tests.peers.web_servers import (
    PASSWORD,
    USER,
    Front,
    needs_nginx,
    needs_squid,
    needs_tinyproxy,
    running_nginx,
    running_squid,
    running_tinyproxy,
)
from tests.ports import free_port
from tests.processes import HilumProcess, serving

pytestmark = [pytest.mark.slow, needs_orthanc, needs_nginx]

STORED, TOO_LARGE, UNAVAILABLE = 0x0000, 0xA900, 0xA700


def store(port: int, *paths: Path) -> list[int]:
    """Send instances; return the status of each."""
    entity = AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 60
    instances = [dcmread(path) for path in paths]
    for each in instances:
        entity.add_requested_context(each.SOPClassUID, each.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title="HILUM")
    assert association.is_established
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        statuses = [int(association.send_c_store(each).Status) for each in instances]
    association.release()
    return statuses


@asynccontextmanager
async def gateway(folder: Path, stores: Mapping[str, str]) -> AsyncIterator[tuple[HilumProcess, Mapping[str, int]]]:
    """Run ``hilum serve`` with a DICOM listener for each of *stores*."""
    listeners = ", ".join(f"{name}: {{kind: dimse, port: 0}}" for name in stores)
    destinations = "\n".join(f"  {name}: {{kind: dicomweb, {store}}}" for name, store in stores.items())
    routes = ", ".join(f"{{from: {name}, to: {name}, attempts: 1, within: 30}}" for name in stores)
    text = f"listeners: {{{listeners}}}\ndestinations:\n{destinations}\nroutes: [{routes}]\n"
    async with serving(folder, f"{text}admin: {{port: 0}}\ndrain_seconds: 1\n") as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


@pytest.fixture
async def orthanc(tmp_path: Path) -> AsyncIterator[Orthanc]:
    """Run Orthanc."""
    (tmp_path / "orthanc").mkdir()
    async with running_orthanc(tmp_path / "orthanc") as orthanc:
        yield orthanc


@pytest.fixture
async def nginx(tmp_path: Path, orthanc: Orthanc, authority: Authority) -> AsyncIterator[Front]:
    """Run nginx in front of it, which takes bodies up to 1 MiB."""
    async with running_nginx(tmp_path, orthanc.url, authority.issue("store")) as front:
        yield front


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Make an instance that nginx lets through."""
    return make_instance(tmp_path, 1, "1.2.3", "1.2.3.1")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Make an instance that it does not."""
    path = tmp_path / "large" / "large.dcm"
    path.parent.mkdir()
    make_multi_frame(path, 4_000_000)
    return path


def through_nginx(nginx: Front, authority: Authority, more: str = "") -> dict[str, str]:
    """Return the settings of a destination with http:// and of one with https://."""
    return {
        "http": f'url: "{nginx.http}/dicom-web"{more}',
        "https": f'url: "{nginx.https}/dicom-web", tls: {{ca_file: {authority.certificate}}}{more}',
    }


async def test_nginx(
    tmp_path: Path, orthanc: Orthanc, nginx: Front, authority: Authority, small: Path, large: Path
) -> None:
    """What nginx does not take (413) is refused with A900, wherever in the body it says so; all else is stored."""
    async with gateway(tmp_path, through_nginx(nginx, authority)) as (_, ports):
        for port in ports.values():
            assert [STORED, TOO_LARGE, STORED] == await asyncio.to_thread(store, port, small, large, small)
    assert [sop_instance_uid(small.read_bytes())] == list(map(sop_instance_uid, await orthanc.files()))


Run = Callable[[Path], AbstractAsyncContextManager[str]]
NOT_LET_IN = "the proxy does not accept the credentials for it"


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(running_tinyproxy, marks=needs_tinyproxy, id="tinyproxy"),
        pytest.param(running_squid, marks=needs_squid, id="squid"),
    ],
)
async def test_proxy(tmp_path: Path, nginx: Front, authority: Authority, small: Path, large: Path, run: Run) -> None:
    """A store is reached through a proxy and its verdicts are its own; what the proxy says is no verdict."""
    (tmp_path / "right").write_text(PASSWORD)
    (tmp_path / "wrong").write_text("falsch")
    down = Front(*(f"{scheme}://127.0.0.1:{free_port()}" for scheme in ("http", "https")))
    cases = [
        ("right", nginx, [{STORED}, {TOO_LARGE}]),
        ("wrong", nginx, [{UNAVAILABLE}]),
        ("right", down, [{UNAVAILABLE}]),
    ]
    stores, expected = dict[str, str](), dict[str, list[set[int]]]()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(run(tmp_path))
        for number, (password, front, outcomes) in enumerate(cases):
            proxy = f', proxy: {{url: "{url}", username: {USER}, password_file: {tmp_path / password}}}'
            for scheme, settings in through_nginx(front, authority, proxy).items():
                stores[f"{scheme}-{number}"], expected[f"{scheme}-{number}"] = settings, outcomes
        process, ports = await stack.enter_async_context(gateway(tmp_path, stores))
        for name, outcomes in expected.items():
            found = await asyncio.to_thread(store, ports[name], *(small, large)[: len(outcomes)])
            assert all(map(set.__contains__, outcomes, found)), (name, found)
        lines = await process.all_logged("proxy_fails", 4)
    assert {url.removeprefix("http://")} == {str(each["proxy"]) for each in lines}
    assert any(str(each["reason"]).startswith(NOT_LET_IN) for each in lines)
    assert "falsch" not in str(process.events)

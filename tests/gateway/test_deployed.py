"""What deploy/ sets up, at work: the unit and the operator's commands with the rights of the unit, and the image."""

import asyncio
import configparser
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import loading as config
from tests.certificates import Authority
from tests.ports import privileged_port
from tests.processes import hilum, serving

ROOT = Path(__file__).parents[2]
USER = 64_104
"""Stands for the unit's user and group; nobody else is likely to have this number."""


@pytest.fixture(scope="module")
def service() -> configparser.SectionProxy:
    """Return the [Service] section of the unit."""
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    # Keys of a unit are case sensitive
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "hilum.service")
    return unit["Service"]


def as_user(service: configparser.SectionProxy, *variables: str, user: int = USER, daemon: bool = False) -> list[str]:
    """Return the words that start Python as a user, and with the unit's capabilities if it is for the *daemon*."""
    kept = service["AmbientCapabilities"] if daemon else ""
    names = ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in kept.split())])
    capabilities = [f"--{each}={names}" for each in ("inh-caps", "ambient-caps", "bounding-set")]
    rights = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", *capabilities]
    return ["setpriv", *rights, "--", "env", "-i", *PYTHON[:-1], *variables, PYTHON[-1]]


def interpreter() -> list[str]:
    """Return what starts this Python, or the system's of the same version where root's own is for root only."""
    system = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    folders = [*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT), sysconfig.get_path("purelib")]
    own = Path(sys.executable).resolve()
    is_for_all = all(each.stat().st_mode & 0o001 for each in (own, *own.parents))
    return [
        f"PYTHONPATH={':'.join(folders)}",
        "PYTHONDONTWRITEBYTECODE=1",
        sys.executable if is_for_all else str(system),
    ]


PYTHON = interpreter()


@pytest.fixture
def machine(service: configparser.SectionProxy) -> Iterator[Path]:
    """Return a folder set up as README.md says: a configuration for all, a key for the group, a state folder."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can take the unit's user and capabilities, and with setpriv")
    with tempfile.TemporaryDirectory(prefix="hilum-service-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        can_run = [*as_user(service), "-c", "import gateway.kinds"]
        if subprocess.run(can_run, cwd=ROOT, check=False, capture_output=True).returncode:
            pytest.skip("an ordinary user of this machine cannot read the checkout, or root has no capabilities here")
        pair = Authority(folder).issue("gateway")
        os.chown(pair.key, 0, USER)
        pair.key.chmod(0o640)
        (folder / "state").mkdir(mode=0o700)
        os.chown(folder / "state", USER, USER)
        (folder / "hilum.yaml").write_text(f"""
listeners:
  modalities:
    kind: dimse
    port: {privileged_port()}
    acknowledge: commit
    tls: {{certificate_file: {pair.certificate}, key_file: {pair.key}}}
destinations:
  store: {{kind: dicomweb, url: "http://127.0.0.1:1/", credentials: {{kind: bearer, token_file: "${{SECRETS}}/token"}}}}
routes: [{{from: modalities, to: store}}]
spool: {{min_free_bytes: 0}}
admin: {{port: 0}}
data_dir: {folder}/state
drain_seconds: 1
""")
        (folder / "secrets").mkdir()
        (folder / "secrets" / "token").write_text("secret")
        yield folder


@pytest.mark.slow
async def test_unit_serves_and_operators_look_after_it(service: configparser.SectionProxy, machine: Path) -> None:
    """With the unit's rights the daemon reads its key and binds a low port; the commands beside it need no secret."""
    program, *words = shlex.split(service["ExecStart"])
    assert ("/opt/hilum/bin/hilum", "serve", "/etc/hilum/hilum.yaml") == (program, *words)
    configuration = machine / "hilum.yaml"
    daemon = as_user(service, f"SECRETS={machine}/secrets", daemon=True)
    async with hilum("serve", configuration, python=daemon) as process:
        ports = (await process.logged("gateway_started"))["ports"]
        assert ports["modalities"] < 1024
        for command in (["spool", "status"], ["spool", "list"], ["spool", "verify"], ["check"]):
            async with hilum(*command, configuration, python=as_user(service)) as done:
                assert 0 == await done.ended(), (command, done.events)
        process.process.terminate()
        assert 0 == await process.ended()


async def test_check_of_any_user(service: configparser.SectionProxy, machine: Path) -> None:
    """Somebody who may read neither the key nor the state can check the configuration."""
    async with hilum("check", machine / "hilum.yaml", python=as_user(service, user=USER + 1)) as done:
        assert (0, []) == (await done.ended(), done.events)


def test_exit_statuses(service: configparser.SectionProxy) -> None:
    """Cut off peers are no failure, and what only a person can correct is not tried again and again."""
    assert ("3", "2") == (service["SuccessExitStatus"], service["RestartPreventExitStatus"])
    assert "ExecStartPre" not in service  # RestartPreventExitStatus is about ExecStart only


def test_capability_counts(service: configparser.SectionProxy) -> None:
    """In a user namespace of its own the capability would be good for nothing."""
    assert "CAP_NET_BIND_SERVICE" == service["AmbientCapabilities"] == service["CapabilityBoundingSet"]
    assert "PrivateUsers" not in service


def test_example_needs_no_environment() -> None:
    """The example names no variable: an operator's shell need not have what the unit has."""
    assert config.load(ROOT / "deploy" / "hilum.example.yaml", {}).destinations


def test_install_lines_set_up_what_the_unit_names(service: configparser.SectionProxy) -> None:
    """The lines of the README make the user, the program and the configuration that the unit names."""
    readme = (ROOT / "README.md").read_text()
    (section,) = (part for part in readme.split("\n### ") if part.startswith("Debian with systemd"))
    assert f"useradd --system --user-group --home-dir /var/lib/{service['StateDirectory']}" in section
    assert f"--shell /usr/sbin/nologin {service['User']}" in section
    assert (service["User"], service["Group"]) == ("hilum", "hilum")
    for line in ("python3 -m venv /opt/hilum", "hilum init /etc/hilum/hilum.yaml", "systemctl enable --now hilum"):
        assert line in section
    assert f"runuser -u {service['User']} -- /opt/hilum/bin/hilum spool status /etc/hilum/hilum.yaml" in section


async def test_image_configuration_serves(tmp_path: Path) -> None:
    """It starts as it stands, but for its ports and the folder of the spool."""
    text = (ROOT / "deploy" / "hilum.container.yaml").read_text()
    for port in (2575, 11112, 8080):
        text = text.replace(f"port: {port}", "port: 0")
    text = text.replace("/var/lib/hilum", str(tmp_path)).replace("${HL7_STORE_URL}", "http://127.0.0.1:1/")
    async with serving(tmp_path, text.replace("${DICOM_STORE_URL}", "http://127.0.0.1:1/")) as (process, ports):
        for port in ports.values():
            _, writer = await asyncio.open_connection("127.0.0.2", port)
            writer.close()
        process.process.terminate()
        assert 0 == await process.ended()

"""What deploy/ and the Dockerfile name exists, and does what they say."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.cli.main import build_parser
from gateway.config import loading as config

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def service() -> configparser.SectionProxy:
    """Return the [Service] section of the unit."""
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    # Keys of a unit are case sensitive
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "hilum.service")
    return unit["Service"]


def test_service_command(service: configparser.SectionProxy) -> None:
    """The unit runs a command that the command line knows."""
    program, *arguments = shlex.split(service["ExecStart"])
    assert "hilum" == Path(program).name
    assert callable(build_parser().parse_args(arguments).run)


def test_service_waits_for_the_drain(service: configparser.SectionProxy) -> None:
    """The service manager gives the daemon longer to stop than the example lets peers wait."""
    example = config.load(ROOT / "deploy" / "hilum.example.yaml")
    assert float(service["TimeoutStopSec"]) > example.drain_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_service_is_a_valid_unit() -> None:
    """The service manager finds no unknown key in the unit."""
    command = ["systemd-analyze", "verify", str(ROOT / "deploy" / "hilum.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert [] == [line for line in said.splitlines() if "Unknown" in line]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_service_is_confined() -> None:
    """What `systemd-analyze security` holds against the unit stays under 1.5 of 10: the network is what it needs."""
    command = ["systemd-analyze", "security", "--offline=yes", str(ROOT / "deploy" / "hilum.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"Overall exposure level for hilum\.service: ([0-9.]+)", said)
    assert found is not None, said
    assert float(found[1]) < 1.5


def test_dockerfile_copies_what_exists() -> None:
    """Every source that the image is built from is in the repository, and let through by .dockerignore."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert copied
    for sources in copied:
        for source in sources.split():
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored


def test_image_has_one_exact_base() -> None:
    """Every stage begins with the one base image, named to the patch and the release of Debian; a build may pin it."""
    assert re.search(r"^ARG BASE=python:3\.\d+\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?$", DOCKERFILE, re.MULTILINE)
    assert {"${BASE}"} == set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))


def test_image_runs_as_an_ordinary_user_with_a_healthcheck() -> None:
    """The last stage drops root, asks the gateway whether it lives, and starts a command that exists."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER hilum$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert 'ENTRYPOINT ["hilum"]' in last
    assert callable(build_parser().parse_args(["serve", "/etc/hilum/hilum.yaml"]).run)


def test_image_listens_on_all_interfaces() -> None:
    """The configuration in the image is right, needs the stores' addresses only, and binds what the image exposes."""
    assert "COPY deploy/hilum.container.yaml /etc/hilum/hilum.yaml" in DOCKERFILE
    stores = {"HL7_STORE_URL": "http://127.0.0.1:1/", "DICOM_STORE_URL": "http://127.0.0.1:1/dicom-web"}
    ours = config.load(ROOT / "deploy" / "hilum.container.yaml", stores)
    assert {"0.0.0.0"} == {each.host for each in ours.listeners.values()}
    exposed = re.search(r"^EXPOSE (.*)$", DOCKERFILE, re.MULTILINE)
    assert exposed is not None
    assert {str(each.port) for each in ours.listeners.values()} | {str(ours.admin.port)} == set(exposed[1].split())

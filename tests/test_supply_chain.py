"""What is shipped is known by name and version: the lock file and the bill of materials."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SBOM = ROOT / "build" / "sbom.json"
REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")


def canonical(name: str) -> str:
    """Return *name* as packages are compared by it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Pin:
    """One package of a lock file."""

    version: str
    hashes: frozenset[str]


def pins(name: str) -> dict[str, Pin]:
    """Return the packages of the lock file *name*, which has one logical line for each."""
    found = {}
    for line in (ROOT / name).read_text().replace("\\\n", "").splitlines():
        pin, *hashes = line.split()
        package, _, version = pin.partition("==")
        found[canonical(package)] = Pin(version, frozenset(hashes))
    return found


def locked() -> dict[str, str]:
    """Return the exact versions of requirements.lock."""
    return {name: pin.version for name, pin in pins("requirements.lock").items()}


def needed(name: str, seen: set[str]) -> Iterator[str]:
    """Yield what the distribution *name* needs to run, and what that needs; without extras and other systems' needs."""
    for line in distribution(name).requires or []:
        requirement, _, marker = line.partition(";")
        found = REQUIREMENT.match(requirement)
        if found is None or "extra" in marker or ("python_version" in marker and "<" in marker):
            continue
        known = canonical(found[0])
        if known not in seen:
            seen.add(known)
            yield known
            yield from needed(known, seen)


def shipped() -> set[str]:
    """Return what the image holds: what Hilum needs, and its extra `google`, which is google-auth with requests."""
    extra = {"google-auth", "requests"}
    return extra.union(*(needed(name, set()) for name in ("hilum", *extra)))


RUNTIME = sorted(shipped())


LOCKS = ("requirements.lock", "requirements-image.lock", "requirements-build.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_exact_and_sorted(name: str) -> None:
    """A lock file is packages at one version in alphabetical order, each with the hashes of its files."""
    found = pins(name)
    assert found
    assert sorted(found) == list(found)
    for pin in found.values():
        assert re.fullmatch(r"[0-9A-Za-z.]+", pin.version)
        assert pin.hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in pin.hashes)


def test_image_holds_what_is_tested() -> None:
    """The image gets the files that requirements.lock names, all that Hilum needs, and nothing else."""
    everything, image = pins("requirements.lock"), pins("requirements-image.lock")
    assert {name: everything[name] for name in RUNTIME} == image


def test_builds_use_one_setuptools() -> None:
    """A wheel is built by the setuptools that is locked, wherever it is built."""
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pin = pins("requirements.lock")["setuptools"]
    assert {"setuptools": pin} == pins("requirements-build.lock")
    assert [f"setuptools=={pin.version}"] == required


def test_image_is_installed_by_hash() -> None:
    """Whatever the image's build and `make sbom` get from an index is checked against a hash."""
    for source in (ROOT / "Dockerfile", ROOT / "Makefile"):
        for line in source.read_text().splitlines():
            if "requirements-" in line and ("pip install" in line or "PIP_INSTALL" in line):
                assert "--require-hashes" in line
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert 2 == dockerfile.count("--require-hashes")
    assert 3 == dockerfile.count("pip install")
    assert "--no-deps --no-index" in dockerfile


@pytest.mark.parametrize("name", RUNTIME)
def test_lock_names_what_runs(name: str) -> None:
    """Every package that a running Hilum needs, however deep, is locked, and is the one that is tested here."""
    assert locked()[name] == distribution(name).version


@pytest.mark.skipif(not SBOM.exists(), reason="there is no bill of materials: make sbom")
def test_sbom_names_what_runs() -> None:
    """The bill of materials is CycloneDX and holds what a running Hilum needs, in the locked versions, and no more."""
    sbom = json.loads(SBOM.read_text())
    assert ("CycloneDX", "hilum") == (sbom["bomFormat"], sbom["metadata"]["component"]["name"])
    assert re.fullmatch(r"1\.\d", sbom["specVersion"])
    components = {canonical(each["name"]): each["version"] for each in sbom["components"]}
    assert {name: locked()[name] for name in RUNTIME} == components
    assert all(each["purl"].startswith("pkg:pypi/") for each in sbom["components"])


@pytest.mark.skipif(not SBOM.exists(), reason="there is no bill of materials: make sbom")
def test_sbom_knows_who_needs_what() -> None:
    """Each component has its place in the graph, and the graph names no other."""
    sbom = json.loads(SBOM.read_text())
    known = {each["bom-ref"] for each in sbom["components"]} | {sbom["metadata"]["component"]["bom-ref"]}
    assert known == {each["ref"] for each in sbom["dependencies"]}
    assert known >= {needs for each in sbom["dependencies"] for needs in each.get("dependsOn", [])}

"""What is shipped is known by name and version: the lock file and the bill of materials."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SBOM = ROOT / "build" / "sbom.json"
REQUIREMENT = re.compile(r"^[A-Za-z0-9._-]+")


def canonical(name: str) -> str:
    """Return *name* as packages are compared by it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """Return the exact versions of requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return {canonical(name): version for name, _, version in (line.partition("==") for line in lines)}


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


def test_lock_is_exact_and_sorted() -> None:
    """Each line of the lock file is one package at one version, in alphabetical order."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9A-Za-z.]+", line) for line in lines)
    assert sorted(lines, key=lambda line: line.partition("==")[0].lower()) == lines


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

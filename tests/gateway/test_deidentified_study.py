"""A study of 200 instances stays one study through `hilum serve` with two workers, and again after a restart."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from adapters.deidentify.dicom.tree import Element
from adapters.dimse.requesting.commands import send
from gateway.contract.sending import Address
from gateway.sandbox.server import Sandbox
from tests.adapters.deidentify.dicom.made import tree_of
from tests.adapters.deidentify.judge.test_studies import OPTIONS, instance, references
from tests.processes import serving
from tests.seeds import SEED

SENDERS = 4
STUDY, SERIES, INSTANCE, FRAME = 0x0020000D, 0x0020000E, 0x00080018, 0x00200052


def configuration(url: str, folder: Path) -> str:
    """Return a gateway of two workers that commits what a modality sends."""
    return f"""
listeners: {{in: {{kind: dimse, port: 0, acknowledge: commit}}}}
destinations: {{research: {{kind: dicomweb, url: "{url}", via: [anonymous]}}}}
routes: [{{from: in, to: research}}]
steps:
  anonymous:
    kind: deidentify
    key_file: {folder}/research.key
    default_domain: hospital
    dicom: {{options: [{", ".join(OPTIONS)}]}}
domains: {{hospital: {{dicom: [HOSP]}}}}
admin: {{port: 0}}
spool: {{min_free_bytes: 0}}
workers: 2
data_dir: {folder}/data
"""


def stored(folder: Path) -> dict[bytes, dict[int, Element]]:
    """Return the data sets in the folder of a sandbox by their SOP Instance UIDs."""
    # What it is receiving has other names.
    trees = [dict(tree_of(path.read_bytes())) for path in folder.rglob("*.dcm")]
    return {value_of(each, INSTANCE): each for each in trees}


def value_of(tree: dict[int, Element], tag: int) -> bytes:
    """Return the value of a UID."""
    return tree[tag].value.strip(b"\0 ")


async def sent(paths: list[Path], folder: Path, stores: Path) -> dict[bytes, dict[int, Element]]:
    """Send the files by several senders at a time through a gateway of its own; return what its store has."""
    async with (
        Sandbox(stores) as sandbox,
        serving(folder, configuration(sandbox.dicom_web_url(), folder)) as (_, ports),
    ):

        async def some(chosen: list[Path]) -> list[str]:
            return [each.answer async for each in send(Address("127.0.0.1", ports["in"], "HILUM"), chosen)]

        answers = await asyncio.gather(*(some(paths[first::SENDERS]) for first in range(SENDERS)))
        assert {"0000"} == {each for part in answers for each in part}
        async with asyncio.timeout(240):
            while len(found := stored(stores)) < len(paths):
                await asyncio.sleep(0.2)
    return found


@pytest.mark.slow
async def test_study(tmp_path: Path) -> None:
    """Images, segmentations, presentations and reports refer to each other afterwards, in either run alike."""
    (tmp_path / "research.key").write_text("5a" * 32)
    (tmp_path / "research.key").chmod(0o600)
    paths = []
    for number in range(200):
        paths.append(tmp_path / f"{number}.dcm")
        paths[-1].write_bytes(instance(number))
    Random(SEED).shuffle(paths)
    first = await sent(paths[:100], tmp_path, tmp_path / "stores")
    second = await sent(paths[100:], tmp_path, tmp_path / "others")  # after a restart
    assert not first.keys() & second.keys()
    trees = [*first.values(), *second.values()]
    found = {tag: {value_of(tree, tag) for tree in trees} for tag in (STUDY, SERIES, INSTANCE, FRAME)}
    assert {tag: len(each) for tag, each in found.items()} == {STUDY: 1, SERIES: 4, INSTANCE: 200, FRAME: 1}
    named = set[bytes]().union(*(references(list(tree.values())) for tree in trees))
    assert len(named) > 20
    assert named <= found[INSTANCE] | found[SERIES]

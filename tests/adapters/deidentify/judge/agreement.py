"""Compares actions with those of dicom-anonymizer: whether an element is removed, emptied, replaced or kept."""

import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from adapters.deidentify.dicom.rules import actions
from tests.adapters.deidentify.judge.cases import BASES
from tests.adapters.deidentify.judge.engine import delivered
from tests.dicom_files import shipped

ROOT = Path(__file__).parents[4]
PROGRAM = ROOT / "tests" / "peers" / "python" / "dicom_anonymizer.py"
PEERS = ROOT / "build" / "python-peers" / "bin" / "python"
PIXELS = 0x7FE00010
Found = Counter[tuple[str, str, str]]
"""By rule, our action, their action: how many elements."""


def python() -> str | None:
    """Return the interpreter that has dicom-anonymizer, None if there is none (`make python-peers`)."""
    if find_spec("dicomanonymizer"):
        return sys.executable
    return str(PEERS) if list(PEERS.parents[1].glob("lib/*/site-packages/dicomanonymizer")) else None


def compared(folder: Path) -> Found:
    """Return the actions on the files that the wheel of pydicom has, by the basic profile without an option."""
    source, target = folder / "in", folder / "out"
    source.mkdir()
    target.mkdir()
    for name in BASES:
        (source / name).write_bytes(shipped(name).read_bytes())
    interpreter = python()
    assert interpreter is not None
    subprocess.run([interpreter, PROGRAM, source, target], check=True, timeout=240)
    found: Found = Counter()
    for path in sorted(target.iterdir()):
        before = (source / path.name).read_bytes()
        out = delivered(before, pixels="keep", options=("clean_structured_content",))
        if out is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                here, there = dcmread(BytesIO(out)), dcmread(path, force=True)
                found.update(_compared(dcmread(BytesIO(before), force=True), here, there))
    return found


def _compared(before: Dataset, here: Dataset, there: Dataset) -> Iterator[tuple[str, str, str]]:
    for tag in sorted(before.keys()):
        if before[tag].is_empty or tag.element == 0 or tag == PIXELS:
            continue
        ours, theirs = _action(before, here, tag), _action(before, there, tag)
        if before[tag].VR == "SQ" and {ours, theirs} == {"kept"} and not tag.is_private:
            for one, two, three in zip(before[tag].value, here[tag].value, there[tag].value, strict=False):
                yield from _compared(one, two, three)
        else:
            yield rule_of(tag), ours, theirs


def _action(before: Dataset, after: Dataset, tag: BaseTag) -> str:
    if tag not in after:
        return "removed"
    if after[tag].is_empty:
        return "emptied"
    if before[tag].VR == "SQ":
        return "kept"
    return "kept" if _text(before, tag) == _text(after, tag) else "replaced"


def _text(data_set: Dataset, tag: BaseTag) -> str:
    value = data_set[tag].value
    return repr(value) if isinstance(value, bytes) else str(value).strip("\0 ")


def rule_of(tag: BaseTag) -> str:
    """Return the letters of PS3.15 for an attribute, or the representation of one that it does not list."""
    if tag.is_private:
        return "private"
    listed = actions().get(int(tag))
    if listed is not None:
        return listed[0]
    return f"not listed, {dictionary_VR(tag)[:2]}" if dictionary_has_tag(tag) else "not known"


def share(found: Mapping[tuple[str, str, str], int]) -> float:
    """Return the share of elements with the same action."""
    return sum(count for (_, ours, theirs), count in found.items() if ours == theirs) / sum(found.values())

"""A study stays one study: whatever process takes its instances, in any order, and again; and one patient stays one."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from adapters.deidentify.dicom.tree import Element, Item, written
from adapters.deidentify.hl7v2.transform import Hl7v2Transformer
from adapters.deidentify.settings import Hl7v2Profile
from tests.adapters.deidentify.dicom.made import DOMAINS, PSEUDONYMS, deidentified, header, part10, tree_of
from tests.seeds import SEED

CT, SEG, PR, SR = (f"1.2.840.10008.5.1.4.1.1.{each}" for each in ("2", "66.4", "11.1", "88.22"))
OPTIONS = ("retain_longitudinal_modified_dates", "clean_structured_content", "clean_graphics")
SERIES = {CT: "1.3.46.70.1", SEG: "1.3.46.70.2", PR: "1.3.46.70.3", SR: "1.3.46.70.4"}
WORKER = """
import sys
from contextlib import nullcontext
from pathlib import Path
from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.settings import DicomProfile
from tests.adapters.deidentify.crosswalk.support import pseudonyms
from tests.adapters.deidentify.dicom.made import DOMAINS, PSEUDONYMS
with pseudonyms(Path(sys.argv[3])) if sys.argv[3] else nullcontext(PSEUDONYMS) as given:
    engine = DicomTransformer(DicomProfile(options=sys.argv[1].split(",")), given, DOMAINS)
    for name in sys.argv[4:]:
        file = FileDeidentifier(engine, Manifest("test", "key"))
        octets = b"".join(map(bytes, [*file.receive_data(Path(name).read_bytes()), *file.receive_end()]))
        (Path(sys.argv[2]) / Path(name).name).write_bytes(octets)
"""


def uid(tag: int, value: str) -> Element:
    """Return a UID."""
    return Element(tag, b"UI", value.encode())


def reference(instance: str) -> Item:
    """Return a reference to an image."""
    return [uid(0x00081150, CT), uid(0x00081155, instance)]


def instance(number: int) -> bytes:
    """Return one of 200 instances: 170 images, and segmentations, presentations and reports that refer to them."""
    kind = CT if number < 170 else (SEG, PR, SR)[number % 3]
    image = f"1.3.46.71.{number if kind == CT else number - 160}"
    refers = {
        CT: [],
        SEG: [Element(0x00081115, b"SQ", items=[[Element(0x0008114A, b"SQ", items=[reference(image)]),
                                                 uid(0x0020000E, SERIES[CT])]])],
        PR: [Element(0x00081115, b"SQ", items=[[Element(0x00081140, b"SQ", items=[reference(image)]),
                                                uid(0x0020000E, SERIES[CT])]])],
        SR: [Element(0x0040A730, b"SQ", items=[[Element(0x00081199, b"SQ", items=[reference(image)]),
                                                Element(0x0040A040, b"CS", b"IMAGE ")]])],
    }[kind]  # fmt: skip
    own = [uid(0x00080018, f"1.3.46.71.{number}"), uid(0x0020000E, SERIES[kind]), uid(0x00200052, "1.3.46.72")]
    return part10(written(header(*own, *refers, sop_class=kind), is_implicit=False))


def references(item: Sequence[Element]) -> set[bytes]:
    """Return the Referenced SOP Instance UIDs and Series Instance UIDs below the top."""
    found = set()
    for each in item:
        for inner in each.items or ():
            found |= references(inner) | {
                one.value.strip(b"\0") for one in inner if one.tag in {0x00081155, 0x0020000E}
            }
    return found


def started(out: Path, crosswalk: str, names: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that de-identifies files into a folder, with one engine for all of them.

    Its pseudonyms are random and in the file *crosswalk*, or keyed if that is empty.
    """
    out.mkdir(exist_ok=True)
    command = [sys.executable, "-c", WORKER, ",".join(OPTIONS), str(out), crosswalk, *names]
    return subprocess.Popen(command, cwd=Path(__file__).parents[4])


@pytest.mark.parametrize("kind", ["keyed", "random"])
def test_one_study(kind: str, tmp_path: Path) -> None:
    """Two processes at a time, in any order, and a third one again: the same octets, and references that lead on.

    Random pseudonyms are drawn by the process that meets an identifier first; the other one finds them in the file.
    """
    crosswalk = str(tmp_path / "crosswalk") if kind == "random" else ""
    names = []
    for number in range(200):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(instance(number))
        names.append(str(path))
    Random(SEED).shuffle(names)
    first, again = tmp_path / "first", tmp_path / "again"
    workers = [started(first, crosswalk, names[:100]), started(first, crosswalk, names[100:])]
    assert [0, 0] == [each.wait() for each in workers]
    assert 0 == started(again, crosswalk, sorted(names)).wait()
    trees = []
    for name in names:
        one, two = ((out / Path(name).name).read_bytes() for out in (first, again))
        assert one == two
        trees.append(tree_of(one))
    tags = (0x0020000D, 0x00100020, 0x0020000E, 0x00080018, 0x00200052, 0x00080020)
    values = {tag: {tree[tag].value.strip(b"\0 ") for tree in trees} for tag in tags}
    assert {tag: len(found) for tag, found in values.items()} == {
        0x0020000D: 1, 0x00100020: 1, 0x0020000E: 4, 0x00080018: 200, 0x00200052: 1, 0x00080020: 1,
    }  # fmt: skip
    named = set[bytes]().union(*(references(list(tree.values())) for tree in trees))
    assert len(named) > 20
    assert named <= values[0x00080018] | values[0x0020000E]


def test_one_patient() -> None:
    """A patient has the same pseudonym, and the same shift of dates, in HL7v2 and in DICOM."""
    issuer = Element(0x00100021, b"LO", b"HOSP")
    file = part10(written(header(issuer), is_implicit=False))
    tree = tree_of(deidentified(file, options=OPTIONS))
    message = (
        b"MSH|^~\\&|A|B|C|D|20200505||ADT^A01|1|P|2.5\rPID|1||MRN7423501^^^HOSP||Musterfrau^Erika\r"
        b"PV1|1|I||||||||||||||||||||||||||||||||||||||||||20200505\r"
    )
    changed, _ = Hl7v2Transformer(Hl7v2Profile(), PSEUDONYMS, DOMAINS).transform(message)
    assert tree[0x00100020].value.strip() in changed
    assert tree[0x00080020].value.strip() in changed
    assert b"20200505" not in changed

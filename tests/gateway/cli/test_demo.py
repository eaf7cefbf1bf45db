"""The demo."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from gateway.cli.demo import Row, run_demo, send_back, send_samples, start_demo, table
from gateway.cli.samples import DICOM_NAMES, HL7_SAMPLES

ROWS = {
    "stored and said so": (Row("a", "AA", "AA", "somewhere"), True),
    "refused and said so": (Row("a", "AE", "AE", None), True),
    "another answer": (Row("a", "AR", "AA", None), False),
    "a false stored": (Row("a", "AA", "AA", None), False),
    "stored after all": (Row("a", "AE", "AE", "somewhere"), False),
}


@pytest.mark.parametrize(("row", "expected"), ROWS.values(), ids=ROWS)
def test_good(row: Row, expected: bool) -> None:
    """A row is good if the answer is the expected one and agrees with the store."""
    assert expected == row.good


def test_table_marks_what_is_wrong() -> None:
    """A row that is not good begins with an exclamation mark."""
    assert table([Row("a.hl7", "AR", "AA", None)]).splitlines()[1].split() == ["!", "a.hl7", "AR", "not", "stored"]


async def test_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--once`` sends every sample through real sockets, prints a line for each and ends well."""
    assert await run_demo(tmp_path, tmp_path, stay=False)
    printed = capsys.readouterr().out
    assert [] == [name for name in (*DICOM_NAMES, *(each.title for each in HL7_SAMPLES)) if name not in printed]
    assert "\nAll went well.\n" in printed


async def test_result_from_the_store(tmp_path: Path) -> None:
    """What a program creates in the store arrives at the hospital system over MLLP; what was ingested does not."""
    async with start_demo(tmp_path) as (sandbox, hospital, running):
        await send_samples(tmp_path, sandbox, running)
        row = await send_back(sandbox, hospital)
    assert (True, {"FROM-CLOUD-1": "AA"}) == (row.good, hospital.taken)


@pytest.mark.slow
async def test_hints_can_be_pasted(tmp_path: Path) -> None:
    """Each command that the demo shows runs as it stands, in an empty environment, and its file is there afterwards."""
    (tmp_path / "temporary files").mkdir()
    demo = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("hilum"),
        "demo",
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary files")},
    )
    assert demo.stdout is not None
    try:
        async with asyncio.timeout(120):
            lines: list[str] = []
            while not (lines and lines[-1].startswith("Ctrl-C")):
                lines.append((await demo.stdout.readline()).decode().rstrip())
            hints = [line.strip() for line in lines if line.startswith("  /")]
            statuses = [await _paste(hint, tmp_path) for hint in hints]
    finally:
        demo.terminate()
        await demo.wait()
    assert ([0, 0, 0], 0) == (statuses, demo.returncode), lines
    assert ["admit.hl7"] == [path.name for path in tmp_path.glob("temporary files/*/admit.hl7")]
    assert 1 == len(list((tmp_path / "temporary files").iterdir()))


async def _paste(command: str, folder: Path) -> int:
    """Run *command* in a shell of its own, in another folder."""
    shell = await asyncio.create_subprocess_exec("env", "-i", "sh", "-c", command, cwd=folder)
    return await shell.wait()

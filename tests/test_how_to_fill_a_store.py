"""docs/how-to/fill-a-store.md: its configuration is valid, and its commands fill a store and empty it again."""

import re
import shlex
from pathlib import Path

import pytest

from gateway.cli.main import build_parser
from gateway.config.loading import parse
from gateway.sandbox.server import Sandbox
from tests.dicom_files import data_set
from tests.gateway.cli.importing.support import dicom, put, run, zipped

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "fill-a-store.md").read_text()
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
FILL, EMPTY = re.findall(r"```sh\nhilum (.*?)\n```", PAGE, re.DOTALL)


def test_configuration() -> None:
    """The configuration of the page is valid."""
    pytest.importorskip("obstore", reason="the extra objects is not installed")
    assert ["archive", "north", "south"] == list(parse(CONFIGURATION, {}).buckets)


def test_options() -> None:
    """The options that the page names are options of the commands."""
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    given = [vars(build_parser().parse_args(shlex.split(each.partition(">")[0]))) for each in (FILL, EMPTY)]
    assert {"--on-conflict", "--again", "--patience", "--content-structure"} == named
    assert all(each.removeprefix("--").replace("-", "_") in given[0] for each in named)


async def test_fill_and_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of the page, and the report that it shows."""
    files = dicom(tmp_path / "made", 4)
    noise = b"this is no image"
    put(tmp_path / "archive" / "old", {f"{number}.dcm": data for number, data in enumerate(files)})
    put(tmp_path / "archive" / "old", {"notes.dcm": noise, "study.zip.dcm": zipped({"readme.dcm": noise})})
    async with Sandbox(tmp_path / "stores") as sandbox:
        text = CONFIGURATION.replace("http://127.0.0.1:8090", sandbox.url).replace("/var/lib/hilum", f"{tmp_path}/data")
        only = "\n".join(line for line in text.splitlines() if not line.startswith(("  north:", "  south:")))
        (tmp_path / "hilum.yaml").write_text(only.replace("/srv/archive", f"{tmp_path}/archive"))
        fill, empty = [
            shlex.split(each.partition(">")[0].replace("hilum.yaml", f"{tmp_path}/hilum.yaml"))
            for each in (FILL, EMPTY)
        ]
        assert await run(*fill) == 1
        said = capsys.readouterr().out.replace(str(tmp_path), "/srv").splitlines()
        assert "refused  /srv/archive/old/notes.dcm: it is no DICOM, no HL7v2 and no FHIR in JSON" in said
        assert (
            "refused  /srv/archive/old/study.zip.dcm readme.dcm: it is no DICOM, no HL7v2 and no FHIR in JSON" in said
        )
        assert "objects: 2 refused, 4 stored" in said
        assert await run(*empty) == 0
    written = [each.read_bytes() for each in (tmp_path / "archive" / "export").rglob("*.dcm")]
    assert {data_set(each) for each in written} == {data_set(each) for each in files}

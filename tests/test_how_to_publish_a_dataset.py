"""docs/how-to/publish-a-dataset.md, done as it is written, over two small hospitals."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("duckdb", reason="the extra tables is not installed")
pytest.importorskip("rapidocr_onnxruntime", reason="the extra ocr is not installed")

from tests.adapters.pipeline import small

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "how-to" / "publish-a-dataset.md").read_text()
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SAID = re.findall(r"```sh\n([^`]*)```\n\n```\n(.*?)```", PAGE, re.DOTALL)


def hilum(words: str, config: Path) -> str:
    """Run a command of the page; return what it prints."""
    (program, *options) = [each.strip('"') for each in re.findall(r'"[^"]*"|\S+', words)]
    assert program == "hilum"
    options = [str(config) if each == "hilum.yaml" else each for each in options]
    done = subprocess.run([sys.executable, "-m", "gateway", *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_page(tmp_path: Path) -> None:
    """Each command prints what the page says, and in the end the patient is forgotten."""
    small.hospitals(tmp_path / "srv")
    (tmp_path / "pseudonyms.key").write_text("ab" * 32)
    config = tmp_path / "hilum.yaml"
    config.write_text(
        CONFIGURATION.replace("/srv/", f"{tmp_path}/srv/")
        .replace("/etc/hilum/", f"{tmp_path}/")
        .replace("/var/lib/", f"{tmp_path}/var/")
    )
    assert len(SAID) == 3
    for command, answer in SAID:
        assert hilum(command, config) == answer.strip()
        if " run" in command:
            assert "as they were" in hilum(command, config)
            assert "missing" in hilum("hilum pipeline hilum.yaml status", config)
            assert "gate before public: 8 of 8 rows pass" in hilum("hilum pipeline hilum.yaml report", config)
            found = hilum('hilum query hilum.yaml --public --search "small nodule"', config)
            assert found.count("small nodule") == 2
    assert len([*(tmp_path / "srv" / "thumbs").rglob("*.webp")]) == 6


def test_picture() -> None:
    """The picture of the boundary is there, and says in words what it shows."""
    picture = ET.parse(DOCS / "pipeline-boundary.svg").getroot()
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert "only what passes the gate" in str(title.text)
    assert "../pipeline-boundary.svg" in PAGE

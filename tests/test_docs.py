"""What the documents say is so."""

import importlib.util
import re
from pathlib import Path

from gateway import config
from gateway.cli import build_parser

ROOT = Path(__file__).parent.parent


def test_configuration_page_is_up_to_date() -> None:
    """docs/configuration.md is what the settings say today: `make docs` writes it."""
    spec = importlib.util.spec_from_file_location("write_configuration", ROOT / "docs" / "write_configuration.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.render() == writer.PAGE.read_text()


def test_readme_configuration_is_right() -> None:
    """No configuration of the README has a mistake."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert 2 == len(blocks)
    assert all({"adt", "modalities"} == set(config.parse(block).listeners) for block in blocks)


def test_readme_names_every_command() -> None:
    """Each command of the command line stands in the README."""
    readme = (ROOT / "README.md").read_text()
    usage = re.search(r"COMMAND", build_parser().format_help())
    assert usage is not None
    for command in ("serve", "check", "schema", "sandbox", "demo", "send hl7", "send dicom", "echo"):
        assert f"hilum {command}" in readme

"""What `hilum init` writes, for every choice."""

import re
from itertools import product
from pathlib import Path

import pytest

from gateway.cli.configuration_text import ACKNOWLEDGE, DICOM_STORES, HL7_STORES, Choice, configuration_text
from gateway.cli.main import main
from gateway.config.loading import parse

CHOICES = [
    Choice(hl7, dicom, acknowledge)
    for hl7, dicom, acknowledge in product((None, *HL7_STORES), (None, *DICOM_STORES), ACKNOWLEDGE)
    if hl7 or dicom
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda each: f"{each.hl7}-{each.dicom}-{each.acknowledge}")
def test_check_finds_no_mistake(choice: Choice, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every choice gives a configuration in which `hilum check` finds no mistake, and that does what was chosen."""
    path = tmp_path / "hilum.yaml"
    path.write_text(configuration_text(choice))
    assert 0 == main(["check", str(path)])
    config = parse(path.read_text())
    kinds = [kind for kind, store in (("mllp", choice.hl7), ("dimse", choice.dicom)) if store]
    assert kinds == [each.kind for each in config.listeners.values()]
    assert {choice.acknowledge} == {each.acknowledge for each in config.listeners.values()}


def test_comments_are_right() -> None:
    """A line that is commented out is right too, once its mark is taken away."""
    text = configuration_text(CHOICES[-1])
    lines = re.findall(r"^ *# (?:[a-z_]+: |- ).*$", text, re.MULTILINE)
    assert 14 == len(lines)
    for line in lines:
        parse(text.replace(line, line.replace("# ", "", 1), 1))


def test_values_are_quoted() -> None:
    """An address or a folder with characters of YAML comes back as it was."""
    choice = Choice("http", None, hl7_url="https://store.example/a?b={c}&d=*e", data_dir="/srv/a: b # c")
    config = parse(configuration_text(choice))
    assert (choice.hl7_url, choice.data_dir) == (config.destinations["hl7-store"].url, str(config.data_dir))

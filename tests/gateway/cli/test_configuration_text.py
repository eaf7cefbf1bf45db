"""What `hilum init` writes, for every choice."""

import re
from itertools import product
from pathlib import Path

import pytest

from gateway.cli.configuration_text import ACKNOWLEDGE, Choice, configuration_text
from gateway.cli.main import main
from gateway.cli.store_choices import DICOM_STORES, HL7_STORES, RESULT_RECEIVERS
from gateway.config.loading import parse

CHOICES = [
    Choice(hl7, dicom, acknowledge, results=results)
    for hl7, dicom, results, acknowledge in product(
        (None, *HL7_STORES), (None, *DICOM_STORES), (None, *RESULT_RECEIVERS), ACKNOWLEDGE
    )
    if hl7 or dicom or results
]


def named(choice: Choice) -> str:
    """Return a name for a choice."""
    return f"{choice.hl7}-{choice.dicom}-{choice.results}-{choice.acknowledge}"


@pytest.mark.parametrize("choice", CHOICES, ids=named)
def test_check_finds_no_mistake(choice: Choice, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every choice gives a configuration in which `hilum check` finds no mistake, and that does what was chosen."""
    path = tmp_path / "hilum.yaml"
    path.write_text(configuration_text(choice))
    assert 0 == main(["check", str(path)])
    config = parse(path.read_text())
    chosen = ("mllp", choice.hl7), ("dimse", choice.dicom), ("pubsub", choice.results)
    kinds = [kind for kind, store in chosen if store]
    assert kinds == [each.kind for each in config.listeners.values()]
    assert {choice.acknowledge} == {each.acknowledge for each in config.listeners.values()}


def test_comments_are_right() -> None:
    """A line that is commented out is right too, once its mark is taken away."""
    text = configuration_text(CHOICES[-1])
    lines = re.findall(r"^ *# (?:[a-z_]+: |- ).*$", text, re.MULTILINE)
    assert 18 == len(lines)
    for line in lines:
        parse(text.replace(line, line.replace("# ", "", 1), 1))


def test_values_are_quoted() -> None:
    """An address or a folder with characters of YAML comes back as it was."""
    choice = Choice("http", None, hl7_url="https://store.example/a?b={c}&d=*e", data_dir="/srv/a: b # c")
    config = parse(configuration_text(choice))
    assert (choice.hl7_url, choice.data_dir) == (vars(config.destinations["hl7-store"])["url"], str(config.data_dir))

"""What the documents say is so."""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from gateway.causes.table import TABLE
from gateway.cli.main import build_parser
from gateway.cli.operating.paint import MARKS
from gateway.config import loading as config
from gateway.spool import State, Total
from gateway.telemetry.metrics import Metrics

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("page", ["configuration", "replies", "log_events", "metrics", "causes", "alerts"])
def test_written_page_is_up_to_date(page: str) -> None:
    """Each page that is made from the code says what the code says today: `make docs` writes it."""
    writer = writer_of(page)
    assert writer.render() == writer.PAGE.read_text()


def test_alerts() -> None:
    """Each cause that needs somebody has one alert, whose severity is its level, and whose metric can be there."""
    (group,) = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yaml").read_text())["groups"]
    down, *alerts = group["rules"]
    severities = {"red": "critical", "amber": "warning"}
    wanted = {cause.value: severities[row.level] for cause, row in TABLE.items() if row.level in severities}
    found = {each["expr"]: each["labels"]["severity"] for each in alerts}
    assert {f'hilum_cases{{cause="{cause}"}} > 0': severity for cause, severity in wanted.items()} == found
    assert len({each["alert"] for each in [down, *alerts]}) == len(alerts) + 1


def writer_of(page: str) -> ModuleType:
    """Return the script that writes a page of the documentation."""
    spec = importlib.util.spec_from_file_location(f"write_{page}", ROOT / "docs" / f"write_{page}.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    return writer


def test_readme_configuration_is_right() -> None:
    """No configuration of the README has a mistake."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert 3 == len(blocks)
    first, steps, second = blocks
    with_steps = first.partition("routes:")[0] + steps  # the same listeners and destinations
    assert all({"adt", "modalities"} == set(config.parse(each).listeners) for each in (first, with_steps, second))


def test_page_of_routes_is_right() -> None:
    """The routes of docs/routes.md have no mistake, where there are their listener and destinations."""
    (routes,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "routes.md").read_text(), re.DOTALL)
    stores = ", ".join(
        f'{name}: {{kind: http, url: "http://127.0.0.1:1/"}}' for name in ("mpi", "north", "wards", "rest")
    )
    text = f"listeners: {{adt: {{kind: mllp, port: 0}}}}\ndestinations: {{{stores}}}\n{routes}"
    assert 4 == len(config.parse(text).routes)


def test_readme_names_every_command() -> None:
    """Each command of the command line stands in the README."""
    readme = (ROOT / "README.md").read_text()
    usage = re.search(r"COMMAND", build_parser().format_help())
    assert usage is not None
    for command in (
        "serve",
        "check",
        "try",
        "schema",
        "sandbox",
        "demo",
        "send hl7",
        "send dicom",
        "echo",
        "status",
        "top",
        "explain",
        "init",
        "completion",
    ):
        assert f"hilum {command}" in readme


def test_page_for_operators_is_right() -> None:
    """Each command of docs/operators.md is one that the command line takes, and each state has its row."""
    page = (ROOT / "docs" / "operators.md").read_text()
    commands = re.findall(r"^\$ hilum (.*)$", page, re.MULTILINE)
    assert 8 < len(commands)
    for command in commands:
        if not command.endswith("--help"):
            build_parser().parse_args(shlex.split(command))
    for mark in MARKS.values():
        assert f"| `{mark.shape} {mark.word}` |" in page
    for title in ("status", "top", "explain"):
        assert f"\n## `hilum {title}`\n" in page


NEEDED = {"backup": ["DIR"], "show": ["ID"], "discard": ["--reason", "TEXT"]}
"""Words without which a command of the spool is none."""


def test_page_of_the_spool_is_right() -> None:
    """What docs/spool.md calls a command is one, and what it calls a metric is one."""
    page = (ROOT / "docs" / "spool.md").read_text()
    for command in re.findall(r"hilum spool ([a-z]+) CONFIG", page):
        build_parser().parse_args(["spool", command, "hilum.yaml", *NEEDED.get(command, [])])
    metrics = Metrics()
    metrics.spool([Total("out", State.WAITING, 1, 1, 0.0)], 0.0, undelivered={"gone": 1})
    metrics.destination("out")
    shown = metrics.render().decode()
    named = set(re.findall(r"hilum_[a-z_]+", page))
    assert 7 == len(named)
    assert [] == [name for name in named if f"# TYPE {name} " not in shown]

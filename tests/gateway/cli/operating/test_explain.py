"""``hilum explain``, against an admin port that answers what it is told."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.contract.explained import Explanation, Step, part
from tests.gateway.cli.operating.statuses import NOW, Admin, admin_port

PATH = "/api/v1/explain"
FOUND = Explanation(
    at=NOW,
    subject_kind="peer",
    subject="PET1",
    found=True,
    parts=[
        part(
            "PET1 asked for HILUM at 2025-11-29T02:02:11Z:",
            "It stored 212 instances.",
            table=[["1", "CT", "taken"], ["5", "Enhanced PET", "REFUSED: not in sop_classes"]],
        ),
        part("Before that:", steps=[Step(at=NOW - 90000, text="asked for\x1b[2J HILUM")]),
    ],
    mends=["Correct the reason, then: hilum spool retry CONFIG --destination pacs"],
)
SHOWN = """\
PET1 asked for HILUM at 03:02:11:
  1  CT            taken
  5  Enhanced PET  REFUSED: not in sop_classes
It stored 212 instances.

Before that:
  Fri 02:21:00  asked for\\x1b[2J HILUM
→ Correct the reason, then: hilum spool retry {path} --destination pacs
"""


@pytest.fixture
def admin() -> Iterator[Admin]:
    """Yield an admin port that explains something."""
    with admin_port() as admin:
        admin.bodies[PATH] = FOUND
        yield admin


@pytest.fixture
def path(tmp_path: Path, admin: Admin, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a configuration with this admin port, under a short name."""
    (tmp_path / "h.yaml").write_text(f"data_dir: {tmp_path}\nadmin: {{port: {admin.port}}}\n")
    monkeypatch.chdir(tmp_path)
    return "h.yaml"


def test_text(path: str, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """Titles, tables, timelines and mends, in local time and harmless; the name is asked for as it was given."""
    assert 0 == main(["explain", path, "--peer", "PET1 & CO"])
    assert SHOWN.format(path=path) == capsys.readouterr().out
    assert f"{PATH}?peer=PET1+%26+CO" == admin.asked[0][0]


@pytest.mark.parametrize("kind", ["peer", "message", "destination"])
def test_json(path: str, admin: Admin, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints what the admin port answers."""
    assert 0 == main(["explain", path, f"--{kind}", "X", "--json"])
    assert FOUND == json.loads(capsys.readouterr().out)
    assert f"{PATH}?{kind}=X" == admin.asked[0][0]


def test_not_found(path: str, admin: Admin) -> None:
    """If nothing is known of it the exit status is 1."""
    admin.bodies[PATH] = {**FOUND, "found": False}
    assert 1 == main(["explain", path, "--peer", "X"])


def test_not_answered(path: str, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer that explains nothing is a sentence."""
    admin.bodies[PATH] = {}
    assert 1 == main(["explain", path, "--peer", "X"])
    assert "does not answer with an explanation" in capsys.readouterr().err
    admin.code = 404
    assert 1 == main(["explain", path, "--peer", "X"])


@pytest.mark.parametrize("words", [[], ["--peer", "A", "--message", "B"]])
def test_one_subject(path: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly one subject is named."""
    with pytest.raises(SystemExit) as caught:
        main(["explain", path, *words])
    assert 2 == caught.value.code

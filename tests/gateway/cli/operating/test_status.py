"""``hilum status``, against an admin port that answers what it is told."""

import io
import json
import sys
from pathlib import Path

import pytest

from gateway.cli.main import main
from tests.gateway.cli.operating.statuses import PATH, Admin, case, configuration, status


def test_as_usual(tmp_path: Path, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing needs anybody the exit status is 0; secrets of other parts are not needed."""
    assert 0 == main(["status", configuration(tmp_path, admin.port)])
    printed = capsys.readouterr()
    assert printed.out.startswith("All is as usual.  ")
    assert ("", "\x1b" in printed.out) == (printed.err, False)


def test_needs_somebody(tmp_path: Path, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """Where something needs somebody the exit status is 1."""
    admin.bodies[PATH] = status(case())
    assert 1 == main(["status", configuration(tmp_path, admin.port)])
    assert "■ STOPPED   image-store" in capsys.readouterr().out


def test_json(tmp_path: Path, admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints what the admin port answers; the exit status is the same."""
    admin.bodies[PATH] = {**status(case()), "newer": [1]}
    assert 1 == main(["status", configuration(tmp_path, admin.port), "--json"])
    assert admin.bodies[PATH] == json.loads(capsys.readouterr().out)


def test_poor_encoding(tmp_path: Path, admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output that has no shapes gets letters in their place."""
    admin.bodies[PATH] = status(case(contact="Jürgen"))
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, "ascii"))
    assert 1 == main(["status", configuration(tmp_path, admin.port)])
    assert b"# STOPPED   image-store" in octets.getvalue()
    assert b"> Call J?rgen." in octets.getvalue()

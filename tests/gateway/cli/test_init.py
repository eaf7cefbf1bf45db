"""`hilum init`, from a script and on a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from adapters.mllp.client.settings import MllpDestinationSettings
from adapters.rest.settings import HttpSettings
from gateway.cli.main import main
from gateway.config.loading import load

INIT = [sys.executable, "-m", "gateway", "init"]


def test_flags(tmp_path: Path) -> None:
    """All choices can be options; the others have their defaults."""
    path = tmp_path / "hilum.yaml"
    words = ["--hl7", "http", "--hl7-url", "https://store.example/x", "--dicom", "orthanc", "--acknowledge", "commit"]
    assert 0 == main(["init", str(path), *words, "--data-dir", str(tmp_path)])
    config = load(path)
    assert ("https://store.example/x", tmp_path) == (vars(config.destinations["hl7-store"])["url"], config.data_dir)


def test_both_ways(tmp_path: Path) -> None:
    """Messages may go to a hospital system, and those of a store to another one, in the clear or with TLS."""
    path = tmp_path / "hilum.yaml"
    words = [
        "--hl7",
        "mllp",
        "--hl7-url",
        "mllp://[::1]:2575",
        "--results",
        "mllp",
        "--results-url",
        "mllps://ehr:2576",
    ]
    assert 0 == main(["init", str(path), *words, "--data-dir", str(tmp_path)])
    found = load(path).destinations
    receiver, ehr = (cast("MllpDestinationSettings", found[name]) for name in ("receiver", "ehr"))
    assert [("::1", 2575, None), ("ehr", 2576)] == [(receiver.host, receiver.port, receiver.tls), (ehr.host, ehr.port)]
    assert ehr.tls is not None


def test_stdout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With ``-`` the configuration is printed, and nothing else."""
    assert 0 == main(["init", "-", "--dicom", "dicomweb"])
    path = tmp_path / "hilum.yaml"
    path.write_text(capsys.readouterr().out)
    assert ["modalities"] == list(load(path).listeners)


def test_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that exists stays as it is, and the exit status is 2."""
    path = tmp_path / "hilum.yaml"
    path.write_text("mine")
    assert 2 == main(["init", str(path), "--hl7", "http"])
    assert f"hilum: init: {path}: exists and is not overwritten; name another file, or remove it\n" == (
        capsys.readouterr().err
    )
    assert "mine" == path.read_text()


@pytest.mark.parametrize("url", ["${HILUM_TEST_URL}", "https://${HILUM_TEST_HOST}:${HILUM_TEST_PORT}/x"])
def test_variables_that_are_not_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """An address may name variables that only `hilum serve` has; what is not checked is said."""
    path = tmp_path / "hilum.yaml"
    assert 0 == main(["init", str(path), "--hl7", "http", "--hl7-url", url, "--data-dir", "${HILUM_TEST_DATA}"])
    err = capsys.readouterr().err
    for name, value in {"URL": "http://a/", "HOST": "b", "PORT": "8443", "DATA": str(tmp_path)}.items():
        assert (f"HILUM_TEST_{name} is not set" in err) is (name in url or name == "DATA")
        monkeypatch.setenv(f"HILUM_TEST_{name}", value)
    config = load(path)
    expected = "http://a/" if "URL" in url else "https://b:8443/x"
    store = cast("HttpSettings", config.destinations["hl7-store"])
    assert (expected, tmp_path) == (store.url, config.data_dir)


def test_variable_that_is_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value of a variable that is set is checked."""
    monkeypatch.setenv("HILUM_TEST_URL", "no address")
    assert 2 == main(["init", str(tmp_path / "hilum.yaml"), "--hl7", "http", "--hl7-url", "${HILUM_TEST_URL}"])
    assert "hilum: destinations.hl7-store.url: " in capsys.readouterr().err


MISTAKES = {
    "a variable that is none": (["--hl7", "http", "--hl7-url", "${1URL}"], "destinations.hl7-store.url: "),
    "nothing chosen": ([], "init: no store is chosen; add --hl7, --dicom or --results, for example"),
    "none of both": (["--hl7", "none", "--dicom", "none"], "init: no store is chosen; "),
    "an address without a store": (
        ["--hl7", "http", "--dicom-url", "http://a/"],
        "init: --dicom-url: there is no store for this address; add --dicom too",
    ),
    "an address that is none": (["--hl7", "http", "--hl7-url", "store"], "destinations.hl7-store.url: "),
    "a receiver without a port": (
        ["--results", "mllp", "--results-url", "mllp://ehr"],
        "init: --results-url: is no address such as mllp://",
    ),
    "a URL for a receiver": (
        ["--hl7", "mllp", "--hl7-url", "http://a/"],
        "init: --hl7-url: is no address such as mllp",
    ),
    "a port that is none": (["--hl7", "mllp", "--hl7-url", "mllp://a:x"], "destinations.receiver.port: "),
}


@pytest.mark.parametrize(("words", "problem"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], problem: str) -> None:
    """A mistake is a line on stderr; nothing is written."""
    path = tmp_path / "hilum.yaml"
    assert 2 == main(["init", str(path), *words])
    assert capsys.readouterr().err.startswith(f"hilum: {problem}")
    assert not path.exists()


def test_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the file cannot be written, that is said."""
    assert 2 == main(["init", str(tmp_path / "none" / "hilum.yaml"), "--hl7", "http"])
    assert "cannot be written: No such file or directory; name another file" in capsys.readouterr().err


def at_terminal(answers: str, *words: str) -> tuple[int, str]:
    """Run `hilum init` with *answers* typed at a terminal; return exit status and stderr, which has the questions."""
    ours, its = pty.openpty()
    try:
        with subprocess.Popen([*INIT, *words], stdin=its, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            os.write(ours, answers.encode())
            _, err = process.communicate(timeout=60)
        return process.returncode, err.decode()
    finally:
        os.close(ours)
        os.close(its)


def test_questions(tmp_path: Path) -> None:
    """On a terminal it asks for what was not said, asks again where an answer is none, and takes the default."""
    path = tmp_path / "hilum.yaml"
    status, asked = at_terminal("orthanc\nhttp\nhttps://store.example/x\n\n\ncommit\n\n", str(path))
    assert (0, True) == (status, "Please answer google, http, mllp, none." in asked), asked
    config = load(path)
    assert (["adt"], "commit") == (list(config.listeners), config.listeners["adt"].acknowledge)
    assert "https://store.example/x" == vars(config.destinations["hl7-store"])["url"]


def test_asks_only_for_the_rest(tmp_path: Path) -> None:
    """Choices on the command line are not asked for."""
    path = tmp_path / "hilum.yaml"
    status, asked = at_terminal("\n", str(path), "--hl7", "http", "--hl7-url", "http://127.0.0.1:1/", "--dicom", "none",
                                "--results", "none", "--acknowledge", "relay")  # fmt: skip
    assert (0, "Folder of the spool [/var/lib/hilum]: ") == (status, asked)


def test_left_in_the_middle(tmp_path: Path) -> None:
    """Ctrl-D at a question ends it with a line, and nothing is written."""
    path = tmp_path / "hilum.yaml"
    status, asked = at_terminal("http\n\x04", str(path))
    assert (2, True) == (status, "init: ended before the last answer; nothing was written" in asked), asked
    assert not path.exists()

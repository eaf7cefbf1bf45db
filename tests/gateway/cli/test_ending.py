"""Commands that are interrupted, and commands whose output nobody takes."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gateway.cli import ending
from tests.running import relay

HILUM = [sys.executable, "-m", "gateway"]
PRINTING = {
    "much": ["schema"],
    "little": ["completion", "bash"],
    "a check": ["check", "CONFIG"],
}
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
ENVIRONMENTS = {"buffered": BUFFERED, "unbuffered": BUFFERED | {"PYTHONUNBUFFERED": "1"}}


def arguments(words: list[str], folder: Path) -> list[str]:
    """Return *words* with the path of a configuration."""
    path = folder / "hilum.yaml"
    path.write_text(relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"'))
    return [str(path) if each == "CONFIG" else each for each in words]


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_reader_that_leaves(words: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    """A command whose reader has closed the pipe ends without a word, as if SIGPIPE had ended it."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        command = [*HILUM, *arguments(words, tmp_path)]
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, env=environment, check=False)
    assert (141, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_reader_of_the_help_that_leaves(environment: dict[str, str]) -> None:
    """The same holds for what argparse prints, which does not look at the result of its writes."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run([*HILUM, "--version"], stdout=pipe, stderr=subprocess.PIPE, env=environment, check=False)
    assert done.returncode in {0, 141}
    assert b"" == done.stderr


def test_reader_of_the_errors_that_leaves(tmp_path: Path) -> None:
    """Where the errors go to the pipe too, nothing is left to say, and nothing fails at exit."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run([*HILUM, "check", tmp_path / "absent.yaml"], stdout=pipe, stderr=pipe, check=False)
    assert 141 == done.returncode


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_disk_that_is_full() -> None:
    """A file that does not take the last of the output is an error in one line."""
    with Path("/dev/full").open("wb") as full:
        command = [*HILUM, "--version"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=BUFFERED, check=False)
    assert (1, b"hilum: the output cannot be written: No space left on device\n") == (done.returncode, done.stderr)


def test_output_that_is_closed() -> None:
    """A command without any standard output ends as always."""
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *HILUM, "schema"], stderr=subprocess.PIPE, check=False)
    assert (0, b"") == (done.returncode, done.stderr)


def test_another_failure() -> None:
    """An error that has nothing to do with the output is not taken for one of it."""

    def command() -> int:
        raise BrokenPipeError(32, "of a socket")

    with pytest.raises(BrokenPipeError):
        ending.run_to_end(command)


def test_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with a line and the exit status of shells."""

    def command() -> int:
        raise KeyboardInterrupt

    assert 130 == ending.run_to_end(command)
    assert ("", "hilum: interrupted\n") == capsys.readouterr()


@pytest.mark.parametrize("words", [["check", "PIPE"], ["serve", "PIPE"]])
def test_ctrl_c(words: list[str], tmp_path: Path) -> None:
    """Ctrl-C at a command that waits for a file ends it with a line, and without a traceback."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [*HILUM, *(str(fifo) if each == "PIPE" else each for each in arguments(words, tmp_path))]
    default = partial(signal.signal, signal.SIGINT, signal.default_int_handler)  # a shell may ignore it
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=default) as process,  # noqa: PLW1509
        fifo.open("wb"),  # the command has opened it, too, so it reads
    ):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (130, b"hilum: interrupted\n") == (process.returncode, said)

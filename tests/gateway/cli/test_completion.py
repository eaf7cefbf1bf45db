"""The completion scripts, in the shells that are here."""

import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.cli.completion import bash, fish, words_of, zsh
from gateway.cli.main import build_parser, main

WORDS = dict(words_of(build_parser()))

CASES = {
    "a command": (["hilum", "sp"], {"spool"}),
    "a command of the spool": (["hilum", "spool", "re"], {"retry", "repair"}),
    "what is sent": (["hilum", "send", ""], {"hl7", "dicom", "fhir"}),
    "an option": (["hilum", "spool", "list", "hilum.yaml", "--js"], {"--json"}),
    "a value of an option": (["hilum", "serve", "hilum.yaml", "--log-format", ""], {"json", "console"}),
    "a value": (["hilum", "completion", "z"], {"zsh"}),
}

BASH = """
{script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_hilum
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# Completion runs inside the line editor only: its two commands are replaced, so that what is offered is printed.
ZSH = """
autoload -Uz compinit; compinit -D -u
{script}
[[ $_comps[hilum] == _hilum ]] || exit 1
compadd() {{ shift; for each in "$@"; do [[ $each == "$words[CURRENT]"* ]] && print -r -- "$each"; done; return 0 }}
_files() {{ print files }}
words=("$@"); CURRENT=$#words
_hilum
"""
FISH = "{script}\ncomplete -C (string join ' ' -- $argv)"


def offered(program: list[str], script: str, words: list[str]) -> set[str]:
    """Return what a shell offers for the last of *words*."""
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    done = subprocess.run([*program, script, *words], capture_output=True, text=True, check=True, timeout=60)
    assert "" == done.stderr
    return {line.partition("\t")[0] for line in done.stdout.splitlines() if line}


@pytest.mark.parametrize(("words", "expected"), CASES.values(), ids=CASES)
def test_bash(words: list[str], expected: set[str]) -> None:
    """Bash offers what the command line takes."""
    assert expected == offered(["bash", "--norc", "-c"], BASH.format(script=bash(WORDS)), ["bash", *words])


@pytest.mark.parametrize(("words", "expected"), CASES.values(), ids=CASES)
def test_zsh(words: list[str], expected: set[str]) -> None:
    """Zsh offers what the command line takes."""
    assert expected == offered(["zsh", "-f", "-c"], ZSH.format(script=zsh(WORDS)), ["zsh", *words])


@pytest.mark.parametrize(("words", "expected"), CASES.values(), ids=CASES)
def test_fish(words: list[str], expected: set[str], tmp_path: Path) -> None:
    """Fish offers what the command line takes."""
    script = tmp_path / "try.fish"
    script.write_text(FISH.format(script=fish(WORDS)))
    assert expected == offered(["fish", "--no-config"], str(script), words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`hilum completion SHELL` prints the script."""
    assert 0 == main(["completion", shell])
    assert capsys.readouterr().out.startswith(("# bash completion", "#compdef hilum", "# fish completion"))

"""``hilum completion``: scripts for bash, zsh and fish, made from the parser of the command line."""

import argparse
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

NEWLINE = "\n"


@dataclass(frozen=True, slots=True)
class Words:
    """The words that may follow a command."""

    help: str
    commands: Mapping[str, str]
    """Its subcommands, each with its help."""
    options: Mapping[str, str]
    """All spellings of its options, each with its help."""
    choices: Mapping[str, tuple[str, ...]]
    """Options that take a value, each with the possible values; if these are empty, files are offered."""
    values: tuple[str, ...]
    """The possible values of its positional arguments; if there are none, files are offered."""


def completion(options: argparse.Namespace) -> int:
    """Print the completion script of a shell."""
    render: Callable[[Mapping[str, Words]], str] = {"bash": bash, "zsh": zsh, "fish": fish}[options.shell]
    print(render(dict(words_of(options.parser))))  # noqa: T201  it is the command's result
    return 0


def words_of(parser: argparse.ArgumentParser, text: str = "") -> Iterator[tuple[str, Words]]:
    """Yield each command, such as ``hilum spool list``, with the words that may follow it."""
    commands: dict[str, str] = {}
    options: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    values: tuple[str, ...] = ()
    for action in parser._actions:  # noqa: SLF001  argparse has no public access to them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  likewise
            commands = {each.dest: each.help or "" for each in action._get_subactions()}  # noqa: SLF001  likewise
            for name, below in action.choices.items():
                yield from words_of(below, commands[name])
            continue
        for flag in action.option_strings:
            options[flag] = (action.help or "").partition(";")[0]
            if action.nargs != 0:
                choices[flag] = tuple(action.choices or ())
        if not action.option_strings:
            values += tuple(action.choices or ())
    yield parser.prog, Words(text, commands, options, choices, values)


def _body(words: Mapping[str, Words]) -> str:
    """Return the common part of the bash and zsh scripts: it sets *offered* from the words *before* and *current*."""
    commands = "|".join(f"{command!r}" for command in words)
    values = {flag: text for each in words.values() for flag, text in each.choices.items()}
    value_cases = (f"        {flag}) offered={shlex.quote(' '.join(text))} ;;" for flag, text in values.items())
    return f"""\
    for word in "${{before[@]}}"; do
        case "$command $word" in {commands}) command="$command $word" ;; esac
        previous="$word"
    done
    case "$previous" in
{NEWLINE.join(value_cases)}
        *) case "$current" in
            -*) case "$command" in
{NEWLINE.join(_cases(words, lambda each: each.options))}
            esac ;;
            *) case "$command" in
{NEWLINE.join(_cases(words, lambda each: each.commands or each.values))}
            esac ;;
        esac ;;
    esac"""


def _cases(words: Mapping[str, Words], pick: Callable[[Words], Iterable[str]]) -> Iterator[str]:
    """Yield one branch of a shell `case` statement for each command that offers words."""
    for command, each in words.items():
        if text := " ".join(pick(each)):
            yield f"                {command!r}) offered={shlex.quote(text)} ;;"


def bash(words: Mapping[str, Words]) -> str:
    """Return the script for bash."""
    return f"""\
# bash completion for hilum: source <(hilum completion bash)
_hilum() {{
    local command=hilum word previous="" offered="" current="${{COMP_WORDS[COMP_CWORD]}}"
    local -a before=("${{COMP_WORDS[@]:1:COMP_CWORD-1}}")
{_body(words)}
    COMPREPLY=($(compgen -W "$offered" -- "$current"))
}}
complete -o default -o bashdefault -F _hilum hilum"""


def zsh(words: Mapping[str, Words]) -> str:
    """Return the script for zsh."""
    return f"""\
#compdef hilum
# zsh completion for hilum: source <(hilum completion zsh), or this text as the file _hilum in a folder of $fpath
_hilum() {{
    local command=hilum word previous="" offered="" current="${{words[CURRENT]}}"
    local -a before=("${{(@)words[2,CURRENT-1]}}")
{_body(words)}
    if [[ -n "$offered" ]]; then compadd -- ${{=offered}}; else _files; fi
}}
if [[ "${{funcstack[1]}}" == _hilum ]]; then _hilum "$@"; else compdef _hilum hilum; fi"""


def fish(words: Mapping[str, Words]) -> str:
    """Return the script for fish."""
    return "\n".join(["# fish completion for hilum: hilum completion fish | source", *_fish_lines(words)])


def _fish_lines(words: Mapping[str, Words]) -> Iterator[str]:
    for command, each in words.items():
        chosen = [f"__fish_seen_subcommand_from {name}" for name in command.split()[1:]]
        if each.commands:
            chosen.append(f"not __fish_seen_subcommand_from {' '.join(each.commands)}")
        condition = f" -n {shlex.quote('; and '.join(chosen))}" if chosen else ""
        for name, text in each.commands.items():
            yield f"complete -c hilum -f{condition} -a {name} -d {_quoted(text)}"
        for value in each.values:
            yield f"complete -c hilum -f{condition} -a {value}"
        for flag, text in each.options.items():
            spelling = f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
            values = each.choices.get(flag)
            takes = "" if values is None else f" -x -a {_quoted(' '.join(values))}" if values else " -r"
            yield f"complete -c hilum{condition} {spelling}{takes} -d {_quoted(text)}"


def _quoted(text: str) -> str:
    """Quote for fish, in which a backslash escapes within single quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

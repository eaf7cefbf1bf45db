"""Finds in the code what it writes to the log: the events, their levels and their fields."""

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEVELS = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "error": "error",
    "critical": "critical",
    "exception": "error",
    "log": "warning",  # the least level at which a library's records come
}
"""The method of a logger to the level."""


@dataclass(frozen=True, slots=True)
class Call:
    """One place that logs."""

    place: str
    event: str
    """Empty where the code does not say it in so many words."""
    level: str
    fields: Set[str]
    is_open: bool
    """Whether it has more fields, which it takes out of a mapping."""
    bound: Set[str]
    """Fields that its logger may have been bound to."""


def log_calls() -> Iterator[Call]:
    """Yield every place in ``gateway/`` and ``adapters/`` that logs."""
    for path in sorted([*ROOT.glob("gateway/**/*.py"), *ROOT.glob("adapters/**/*.py")]):
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
        bound = {key.arg for call in calls if _name(call) == "bind" and _is_logger(call) for key in call.keywords}
        for call in calls:
            if _name(call) in LEVELS and _is_logger(call):
                place = f"{path.relative_to(ROOT)}:{call.lineno}"
                yield from _calls(place, call, {each for each in bound if each}, tree)


def _calls(place: str, call: ast.Call, bound: Set[str], tree: ast.Module) -> Iterator[Call]:
    fields = {key.arg for key in call.keywords if key.arg is not None}
    is_open = any(key.arg is None for key in call.keywords)
    event = call.args[1 if _name(call) == "log" else 0]
    for name in _events(event, call, tree):
        may_be_bound = bound if _owner(call) == "self._log" else set()
        yield Call(place, name, LEVELS[_name(call)], fields, is_open, may_be_bound)


def _events(node: ast.expr, call: ast.Call, tree: ast.Module) -> Iterator[str]:
    match node:
        case ast.IfExp(body=one, orelse=other):
            yield from _events(one, call, tree)
            yield from _events(other, call, tree)
        case ast.Constant(value=str(name)):
            yield name
        case ast.Name(id=parameter):
            yield from _passed(parameter, call, tree)
        case _:
            yield ""


def _passed(parameter: str, call: ast.Call, tree: ast.Module) -> Iterator[str]:
    """Yield what the function around *call* is given as its first *parameter*, wherever the file calls it."""
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    (function,) = [each for each in functions if call in ast.walk(each)]
    names = [each.arg for each in function.args.args if each.arg != "self"]
    assert parameter == names[0], f"{function.name}: the event is not the first parameter"
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and ast.unparse(each.func).removeprefix("self.") == function.name:
            yield from _events(each.args[0], each, tree)


def _name(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def _owner(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value)


def _is_logger(call: ast.Call) -> bool:
    return _owner(call) in {"log", "self._log", "structlog.get_logger()"}

"""Which test modules open listeners or connections, and which of them ``make test-asyncio`` runs."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

OPENERS = {
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "open_connection",
    "sock_accept",
    "sock_connect",
    "start_connection",
    "start_server",
    "start_tls",
    "TCPSite",
    "SockSite",
}
"""Who uses one of these opens a listener or a connection."""


def on_one_loop(root: Path, rings: list[str]) -> list[str]:
    """Return the test modules below *root* that open something, asynchronously, and are not in the second pass."""
    files = [path for top in ("gateway", "adapters", "tests") for path in sorted((root / top).rglob("*.py"))]
    trees = {path.relative_to(root): ast.parse(path.read_text()) for path in files}
    modules = {dotted(path): tree for path, tree in trees.items()}
    opening = users_of(modules, {name for name, tree in modules.items() if opens(tree)})
    return [
        str(path)
        for path, tree in trees.items()
        if path.name.startswith("test_") and dotted(path) in opening and not _is_in_second_pass(path, tree, rings)
    ]


def _is_in_second_pass(path: Path, module: ast.Module, rings: list[str]) -> bool:
    tests = [node for node in ast.walk(module) if isinstance(node, ast.AsyncFunctionDef)]
    tests = [node for node in tests if node.name.startswith("test")]
    if not tests:  # what has no loop is the same on each
        return True
    return any(path.is_relative_to(ring) for ring in rings) and not all(is_slow(each, module) for each in tests)


def users_of(modules: Mapping[str, ast.Module], found: set[str]) -> set[str]:
    """Return *found*, and which modules import any of them, directly or not."""
    uses = {name: set(imported(tree)) for name, tree in modules.items()}
    found = set(found)
    while more := {name for name, others in uses.items() if name not in found and others & found}:
        found |= more
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield every module that may be meant by an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(path: Path) -> str:
    """Return the name by which a file is imported."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def opens(tree: ast.Module) -> bool:
    """Return whether the module opens listeners or connections itself."""
    return any(getattr(node, "attr", getattr(node, "id", None)) in OPENERS for node in ast.walk(tree))


def is_slow(test: ast.AsyncFunctionDef, module: ast.Module) -> bool:
    """Return whether the second pass leaves the test out by its mark."""
    marks = [node.value for node in module.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)]
    return any("mark.slow" in ast.unparse(mark) for mark in marks) or any(
        ast.unparse(each).startswith("pytest.mark.slow")
        for each in test.decorator_list  # not that of one parameter
    )

"""The house keeps its shape: docs/architecture.md draws it, imports point one way, protocol cores do no I/O."""

import ast
import re
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("gateway/**/*.py"), *ROOT.glob("adapters/**/*.py")])
OUTSIDE = {"__init__.py", "__main__.py", "app.py", "kinds.py"}
"""The files of ``gateway/`` that are in no room."""
CORES = [
    "adapters/mllp/events.py",
    "adapters/mllp/framing.py",
    *(f"adapters/mllp/client/{name}.py" for name in ("events", "outgoing", "rules")),
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("adapters/dimse/protocol/*.py")),
    *(
        str(path.relative_to(ROOT))
        for path in ROOT.glob("adapters/dicom/*.py")
        if path.name not in {"kind.py", "step.py"}
    ),
    "adapters/rest/dicomweb/data_set_reader.py",
    "adapters/rest/dicomweb/file_meta.py",
    "adapters/rest/dicomweb/fingerprint.py",
    "adapters/rest/dicomweb/multipart.py",
    "adapters/rest/dicomweb/part_reader.py",
    "adapters/rest/dicomweb/stow_batch.py",
    "adapters/rest/dicomweb/stow_body.py",
    "adapters/rest/dicomweb/stow_response.py",
    "adapters/http/answers.py",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("adapters/http/fhir/*.py")),
    "adapters/rest/connecting/proxy_reply.py",
    *(f"adapters/rest/fhir/{name}.py" for name in ("bodies", "elements", "entries", "issues", "merging", "passing")),
    *(f"adapters/rest/fhir/{name}.py" for name in ("patching", "planning", "replies", "splitting", "stamps", "times")),
    "adapters/rest/http/coding.py",
    "adapters/rest/http/header_rules.py",
    "adapters/rest/http/http1.py",
    "adapters/rest/http/reply_length.py",
    "adapters/rest/http/urls.py",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("adapters/rest/verdict/*.py")),
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("adapters/hl7/*.py")),
    "adapters/events/instants.py",
    *(
        f"adapters/events/{name}.py"
        for name in ("dicom/instance", "hl7v2/feed", "hl7v2/listing", "pubsub/leases", "pubsub/pull_reply")
    ),
    *(f"adapters/hl7/editing/{name}.py" for name in ("alphabet", "edits", "escapes", "operations", "parts", "paths")),
    *(f"adapters/hl7/editing/{name}.py" for name in ("reading", "refusals", "segments", "templates")),
    *(f"adapters/hl7/validation/{name}.py" for name in ("checks", "definitions", "events", "fields", "grammar")),
    *(f"adapters/hl7/validation/{name}.py" for name in ("message", "orders", "primitives", "profile", "reading")),
    *(f"gateway/silence/{name}.py" for name in ("calendar", "days", "estimator", "feed", "judge", "rates", "record")),
    *(f"gateway/silence/{name}.py" for name in ("roster", "thresholds", "week_times")),
]
DECLARATIONS = {
    "__init__.py",
    "acts.py",
    "body.py",
    "causes.py",
    "destination.py",
    "errors.py",
    "interface.py",
    "kind.py",
    "limits.py",
    "listener.py",
    "message.py",
    "meter.py",
    "observed.py",
    "outcome.py",
    "outline.py",
    "sending.py",
    "settings.py",
    "step.py",
}
"""Names of files without behaviour of their own, in ``contract`` or with settings."""


def name_of(path: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in SOURCES}


@cache
def imports(path: Path) -> Set[str]:
    """Return the dotted name of every module that the file imports, also inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & MODULES.keys() or {node.module or ""}
    return found


def room_of(module: str) -> str | None:
    """Return the room of a module; None where it is the package itself, which holds the version only."""
    house, *rest = module.split(".")
    if not rest or rest == ["__main__"]:
        return None
    return f"adapters.{rest[0]}" if house == "adapters" else rest[0]


def drawn() -> Mapping[str, Set[str]]:
    """Return the rooms of the table in docs/architecture.md, from top to bottom, with what each may import."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9.]+)` \| [^|]+ \| ([^|]*)\|$", page, re.MULTILINE)
    return {room: set(re.findall(r"`([a-z0-9.]+)`", below)) for room, below in rows}


def built() -> Mapping[str, Set[str]]:
    """Return the rooms that there are, with what each imports but for ``contract``."""
    rooms: dict[str, set[str]] = {room: set() for room in map(room_of, MODULES) if room is not None}
    for module, path in MODULES.items():
        room = room_of(module)
        if room is not None:
            rooms[room] |= {below for each in imports(path) & MODULES.keys() if (below := room_of(each)) is not None}
    return {room: below - {room, "contract"} for room, below in rooms.items()}


def test_map() -> None:
    """The table of docs/architecture.md says which rooms there are, and what each imports."""
    assert dict(drawn()) == dict(built())


def named() -> Iterator[Path]:
    """Yield each file and folder of "Where it happens"; one without a folder is beside the one before it."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    for row in page.partition("## Where it happens")[2].partition("\n## ")[0].splitlines():
        folder = ROOT
        for name in re.findall(r"`([a-z0-9_/]+(?:\.py|/))`", row):
            path = ROOT / name if "/" in name else folder / name
            folder = path.parent
            yield path


def test_where_it_happens() -> None:
    """Each file that docs/architecture.md names for a behaviour exists."""
    paths = list(named())
    assert [] == [str(path.relative_to(ROOT)) for path in paths if not path.exists()]
    assert 60 < len(paths)


def test_rooms_import_downwards() -> None:
    """A room imports only from rooms below it in the table."""
    order = list(drawn())
    upwards = {
        (room, below) for room, wanted in drawn().items() for below in wanted if order.index(below) <= order.index(room)
    }
    assert upwards == set()


def test_no_circles() -> None:
    """No file imports another one that imports it, however long the way."""
    left = {name: set(imports(path) & MODULES.keys()) - {name} for name, path in MODULES.items()}
    while free := [name for name, wanted in left.items() if not wanted & left.keys()]:
        for name in free:
            del left[name]
    assert sorted(left) == []


def test_everything_has_a_room() -> None:
    """No file of ``gateway/`` lies outside a room, but for the composition root and the table of kinds."""
    assert {path.name for path in ROOT.glob("gateway/*.py")} == OUTSIDE


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_adapters_know_the_contract_only(path: Path) -> None:
    """An adapter imports the contract, and of the gateway nothing else; only the table of kinds imports adapters."""
    name = name_of(path)
    for module in imports(path):
        if name.startswith("adapters.") and module.startswith("gateway."):
            assert module.startswith("gateway.contract."), f"{name} imports {module}"
        if name.startswith("gateway.") and module.startswith("adapters."):
            assert name == "gateway.kinds", f"{name} imports {module}"


def test_the_ground_floor() -> None:
    """The contract imports nothing else of Hilum."""
    for path in ROOT.glob("gateway/contract/*.py"):
        assert {each for each in imports(path) & MODULES.keys() if room_of(each) != "contract"} == set(), path.name


@pytest.mark.parametrize("name", CORES)
def test_cores_do_no_io(name: str) -> None:
    """A protocol core knows no socket, loop, clock or log; time and bytes are passed in."""
    found = {module.split(".")[0] for module in imports(ROOT / name)}
    assert found & {"asyncio", "socket", "time", "logging", "structlog", "aiohttp"} == set()


def missing_tests() -> Iterator[str]:
    """Yield the files without a test."""
    for path in SOURCES:
        test = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"
        declares = path.name in DECLARATIONS and (path.parent.name == "contract" or path.name not in ONLY_THERE)
        if not declares and not test.exists():
            yield str(path.relative_to(ROOT))


ONLY_THERE = {
    "acts.py",
    "body.py",
    "causes.py",
    "destination.py",
    "kind.py",
    "limits.py",
    "listener.py",
    "meter.py",
    "observed.py",
    "outcome.py",
    "outline.py",
    "sending.py",
}


def test_every_file_has_its_test() -> None:
    """A file of the code has a test file of the same name in the same place of the test tree."""
    assert list(missing_tests()) == []

"""The house keeps its shape: imports point one way, protocol cores do no I/O."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("gateway/**/*.py"), *ROOT.glob("adapters/**/*.py")])
MAY_KNOW_ADAPTERS = {"gateway/app.py", "gateway/config.py"}
OPEN_TO_ADAPTERS = {
    "gateway.addresses",
    "gateway.errors",
    "gateway.message",
    "gateway.outlook",
    "gateway.places",
    "gateway.settings",
    "gateway.small_file",
    "gateway.timeouts",
}
NEIGHBOURS = {"mllp": {"mllp", "hl7"}}
CORES = [
    "adapters/mllp/framing.py",
    "adapters/dimse/association.py",
    "adapters/dimse/command.py",
    "adapters/dimse/items.py",
    "adapters/dimse/negotiation.py",
    "adapters/dimse/pdu.py",
    "adapters/rest/http1.py",
    "adapters/rest/acknowledgement.py",
    "adapters/rest/answers.py",
    "adapters/rest/bare_success.py",
    "adapters/rest/coding.py",
    "adapters/rest/content.py",
    "adapters/rest/control_id.py",
    "adapters/rest/data_set_reader.py",
    "adapters/rest/file_meta.py",
    "adapters/rest/fingerprint.py",
    "adapters/rest/multipart.py",
    "adapters/rest/nack_words.py",
    "adapters/rest/header_rules.py",
    "adapters/rest/part_reader.py",
    "adapters/rest/proxy_reply.py",
    "adapters/rest/reply_length.py",
    "adapters/rest/store_reason.py",
    "adapters/rest/store_words.py",
    "adapters/rest/stow_batch.py",
    "adapters/rest/stow_body.py",
    "adapters/rest/stow_response.py",
    "adapters/rest/urls.py",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("adapters/hl7/*.py")),
    "adapters/hl7/validation/checks.py",
    "adapters/hl7/validation/definitions.py",
    "adapters/hl7/validation/events.py",
    "adapters/hl7/validation/fields.py",
    "adapters/hl7/validation/grammar.py",
    "adapters/hl7/validation/message.py",
    "adapters/hl7/validation/orders.py",
    "adapters/hl7/validation/primitives.py",
    "adapters/hl7/validation/profile.py",
    "adapters/hl7/validation/reading.py",
]


DECLARATIONS = {"__init__.py", "errors.py", "interface.py", "message.py", "settings.py"}
"""Files without behaviour of their own."""


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that the file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    """Adapters see six modules of the gateway and no other adapter; the gateway sees adapters in two files only."""
    name = str(path.relative_to(ROOT))
    house, *rooms = name.split("/")
    for module in imports(path):
        if module.startswith("adapters.") and house == "gateway":
            assert name in MAY_KNOW_ADAPTERS, f"{name} imports {module}"
        if module.startswith("adapters.") and house == "adapters":
            assert module.split(".")[1] in NEIGHBOURS.get(rooms[0], {rooms[0]}), f"{name} imports {module}"
        if module.split(".")[0] == "gateway" and house == "adapters":
            assert module in OPEN_TO_ADAPTERS | {"gateway"}, f"{name} imports {module}"


@pytest.mark.parametrize("name", CORES)
def test_cores_do_no_io(name: str) -> None:
    """A protocol core knows no socket, loop, clock or log; time and bytes are passed in."""
    found = {module.split(".")[0] for module in imports(ROOT / name)}
    assert found & {"asyncio", "socket", "time", "logging", "structlog", "aiohttp"} == set()


def test_every_file_has_its_test() -> None:
    """A file of the code has a test file of the same name in the same place of the test tree."""
    missing = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name not in DECLARATIONS
        and not (ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}").exists()
    ]
    assert missing == []

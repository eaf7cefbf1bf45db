"""Methods that the sandbox does not have."""

import re
import runpy
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.resources.unserved import Method, methods
from gateway.sandbox.server import Sandbox

DOCS = Path(__file__).parents[4] / "docs"


def test_page() -> None:
    """The page of the methods is made of the lists: `make docs` writes it."""
    made = runpy.run_path(str(DOCS / "write_sandbox_methods.py"))
    assert made["PAGE"].read_text() == made["render"]()


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_each_by_name(sandbox: Sandbox, client: ClientSession, version: str) -> None:
    """Each method answers 501 with its name; those of v1beta1 alone are there in that version only."""
    assert len([each for each in methods() if not each.is_beta]) == 45
    for method in methods():
        if method.is_beta and version == "v1":
            continue
        status, message = await ask(sandbox, client, version, method)
        assert (status, message) == (501, f"healthcare.projects.locations.{method.name} is not in the sandbox")


async def ask(sandbox: Sandbox, client: ClientSession, version: str, method: Method) -> tuple[int, str]:
    """Return status and message of the answer."""
    path = re.sub(r"\{\w+\}", "x", method.path)
    url = f"{sandbox.url}/{version}/projects/p/locations/l/{path}"
    async with client.request(method.verb, url) as response:
        return response.status, (await response.json())["error"]["message"]

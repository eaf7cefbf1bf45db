"""Every method of Google's discovery documents, called by Google's own client: each answers in its schema, or 501."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import googleapiclient
import httplib2
import pytest
from aiohttp import ClientSession
from googleapiclient.discovery import build

from gateway.sandbox.resources.unserved import methods
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.operations_client import Api
from tests.gateway.sandbox.stow_client import MULTIPART, Store, multipart
from tests.gateway.sandbox.test_methods import BODIES, QUERIES, ROWS, Filled, last

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
PREFIX = "healthcare.projects.locations."
VERSIONS = ("v1", "v1beta1")
GOOD = {"200", "201", "202", "204"}


def document(version: str) -> Any:
    """Return a discovery document."""
    return json.loads((DOCUMENTS / f"healthcare.{version}.json").read_text())


def methods_in(resource: Any) -> Iterator[Any]:
    """Yield the methods below a resource of a document."""
    yield from resource.get("methods", {}).values()
    for each in resource.get("resources", {}).values():
        yield from methods_in(each)


def test_lists() -> None:
    """The lists of methods in this repository are those of the documents."""
    first, beta = ({each["id"].removeprefix(PREFIX): each for each in methods_in(document(each))} for each in VERSIONS)
    assert {(each["httpMethod"], each["flatPath"], name) for name, each in first.items()} == set(ROWS)
    assert {each.name for each in methods() if not each.is_beta} < first.keys()
    assert {each.name for each in methods() if each.is_beta} == beta.keys() - first.keys()


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[Filled]:
    """Run a sandbox with something of everything."""
    async with Sandbox(tmp_path / "data") as sandbox, ClientSession() as client:
        made = Filled(Api(sandbox, client, tmp_path / "data"))
        await made.fill(Store(sandbox, client), make_instance(tmp_path, 1, "1.2", "1.3").read_bytes())
        async with client.get(f"{sandbox.fhir_url()}/$export") as response:
            made.names["fhirOperation"] = response.headers["Content-Location"].rpartition("/")[2]
        yield made


class Google:
    """Google's client of one version."""

    def __init__(self, version: str, url: str) -> None:
        self.schemas = document(version)["schemas"]
        self._holders: dict[tuple[str, ...], Any] = {}
        options = {"client_options": {"api_endpoint": url}, "cache_discovery": False, "static_discovery": True}
        self.service = build("healthcare", version, http=httplib2.Http(), **options)

    def request(self, method: Any, path: str, query: str, body: Any) -> Any:
        """Return the request of a method; *path* has the names."""
        *resources, name = method["id"].split(".")[1:]
        holder = self._holder(tuple(resources))
        parameters = dict(each.split("=", 1) for each in query.split("&") if query)
        known = {key: value for key, value in parameters.items() if key in method["parameters"]}
        if "request" in method:
            known["body"] = body if body is not None else {}
        made = getattr(holder, name.replace("-", "_") if name != "import" else "import_")(
            **values(method, path), **known
        )
        for key in parameters.keys() - known.keys():  # of a condition: the document does not name them
            made.uri += f"{'&' if '?' in made.uri else '?'}{key}={parameters[key]}"
        made.postproc = lambda response, content: (response, content)
        return made

    def _holder(self, resources: tuple[str, ...]) -> Any:
        """Return the client's object of a resource; it takes long to make one, so each is made once."""
        if resources not in self._holders:
            above = self._holder(resources[:-1]) if resources else self.service
            self._holders[resources] = getattr(above, resources[-1])() if resources else above
        return self._holders[resources]

    def faults(self, method: Any, content: bytes) -> set[str]:
        """Return the keys of an answer that its schema does not have."""
        kind = method["response"]["$ref"]
        # The document says Empty of a conditional deletion; the answer of FHIR is an OperationOutcome.
        if kind == "HttpBody" or method["id"].endswith("fhir.conditionalDelete"):
            return set()
        known = self.schemas[kind].get("properties", {}).keys()
        return set(json.loads(content or b"{}")) - set(known)


def values(method: Any, path: str) -> dict[str, str]:
    """Return the parameters in the path of a method."""
    template = re.sub(r"[.$()]", lambda found: f"\\{found[0]}", method["path"])
    for name, each in method["parameters"].items():
        pattern = each.get("pattern", "").removeprefix("^").removesuffix("$") or "[^/]+"
        for form in (f"{{+{name}}}", f"{{{name}}}"):
            template = template.replace(form, f"(?P<{name}>{pattern})")
    found = re.fullmatch(template, path)
    assert found is not None, (method["id"], template, path)
    return found.groupdict()


@pytest.mark.parametrize("version", VERSIONS)
async def test_each(filled: Filled, version: str, tmp_path: Path) -> None:
    """No answer is a 404, 405 or 500, and none has a key that the schema does not have."""
    google = Google(version, filled.api.sandbox.url)
    absent = {each.name for each in methods()}
    file, wrong = make_instance(tmp_path, 2, "1.2", "1.3").read_bytes(), []
    found = {each["id"].removeprefix(PREFIX): each for each in methods_in(document(version))}
    for name in sorted(found, key=last):
        method = found[name]
        if name.endswith(("series.delete", "studies.delete")):
            await Store(filled.api.sandbox, filled.api.client)(file)
        flat = method["flatPath"]
        path = re.sub(r"\{\w+\}", "x", flat) if name in absent else filled.path(flat, name)
        request = google.request(method, path, QUERIES.get(name, ""), BODIES.get(name))
        if name.endswith("storeInstances"):
            request.body, request.headers["content-type"] = multipart(file), MULTIPART["Content-Type"]
        elif name.endswith(("Binary-create", "Binary-update")):
            request.body, request.headers["content-type"] = b"text", "text/plain"
        if "retrieve" in name:
            request.headers["accept"] = "*/*"  # the client asks for JSON, which an instance is not
        response, content = await asyncio.to_thread(answered, request)
        expected = {"501"} if name in absent else GOOD
        if response["status"] not in expected or (name not in absent and google.faults(method, content)):
            wrong.append((name, response["status"], content[:200]))
    google.service.close()
    assert [] == wrong


def answered(request: Any) -> tuple[Any, bytes]:
    """Return response and content of a request, also of one that is refused."""
    headers = {**request.headers, "content-length": str(len(request.body or b""))}
    response, content = request.http.request(request.uri, request.method, body=request.body, headers=headers)
    return response, content

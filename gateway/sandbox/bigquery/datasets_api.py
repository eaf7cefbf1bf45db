"""Projects and datasets."""

from aiohttp import web

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.names import DATASET, checked, dataset_in, project_in
from gateway.sandbox.bigquery.resources import DATASET_KEYS, dataset_resource, kept
from gateway.sandbox.json_bodies import read_object, reply_json


class DatasetsApi:
    """The handlers of ``projects`` and ``projects/{projectId}/datasets``."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def projects(self, _: web.Request) -> web.StreamResponse:
        """Return the projects that have datasets."""
        found = [
            {"kind": "bigquery#project", "id": each, "projectReference": {"projectId": each}, "friendlyName": each}
            for each in await self._catalog.projects()
        ]
        return reply_json({"kind": "bigquery#projectList", "projects": found, "totalItems": len(found)})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Return the datasets of a project, all in one page."""
        project = project_in(request)
        found = [
            {
                "kind": "bigquery#dataset",
                "id": f"{project}:{each}",
                "datasetReference": {"projectId": project, "datasetId": each},
                "location": "US",
            }
            for each in await self._catalog.datasets(project)
        ]
        return reply_json({"kind": "bigquery#datasetList", "datasets": found})

    async def insert(self, request: web.Request) -> web.StreamResponse:
        """Make a dataset."""
        project, body = project_in(request), await read_object(request)
        reference = body.get("datasetReference")
        dataset = checked(DATASET, reference.get("datasetId") if isinstance(reference, dict) else None, "datasetId")
        resource = kept(body, DATASET_KEYS)
        await self._catalog.write_dataset(project, dataset, resource, new=True)
        return reply_json(dataset_resource(project, dataset, resource))

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return a dataset."""
        project, dataset = project_in(request), dataset_in(request)
        return reply_json(dataset_resource(project, dataset, await self._catalog.dataset(project, dataset)))

    async def change(self, request: web.Request) -> web.StreamResponse:
        """Change what the body has."""
        project, dataset = project_in(request), dataset_in(request)
        resource = kept(await read_object(request), DATASET_KEYS, await self._catalog.dataset(project, dataset))
        await self._catalog.write_dataset(project, dataset, resource, new=False)
        return reply_json(dataset_resource(project, dataset, resource))

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Remove a dataset."""
        contents = request.query.get("deleteContents", "").lower() == "true"
        await self._catalog.remove_dataset(project_in(request), dataset_in(request), contents=contents)
        return web.Response(status=204)

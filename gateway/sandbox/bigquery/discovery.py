"""The methods that there are, as a table; the discovery document and the routes are made of it."""

from collections.abc import Sequence
from typing import Any

METHODS: Sequence[tuple[str, str, str, str, str, str]] = (
    ("projects.list", "GET", "projects", "", "ProjectList", "maxResults pageToken"),
    ("datasets.list", "GET", "projects/{projectId}/datasets", "", "DatasetList", "all filter maxResults pageToken"),
    ("datasets.insert", "POST", "projects/{projectId}/datasets", "Dataset", "Dataset", "accessPolicyVersion"),
    (
        "datasets.get",
        "GET",
        "projects/{projectId}/datasets/{datasetId}",
        "",
        "Dataset",
        "accessPolicyVersion datasetView",
    ),
    (
        "datasets.patch",
        "PATCH",
        "projects/{projectId}/datasets/{datasetId}",
        "Dataset",
        "Dataset",
        "accessPolicyVersion updateMode",
    ),
    (
        "datasets.update",
        "PUT",
        "projects/{projectId}/datasets/{datasetId}",
        "Dataset",
        "Dataset",
        "accessPolicyVersion updateMode",
    ),
    ("datasets.delete", "DELETE", "projects/{projectId}/datasets/{datasetId}", "", "", "deleteContents"),
    ("tables.list", "GET", "projects/{projectId}/datasets/{datasetId}/tables", "", "TableList", "maxResults pageToken"),
    ("tables.insert", "POST", "projects/{projectId}/datasets/{datasetId}/tables", "Table", "Table", ""),
    (
        "tables.get",
        "GET",
        "projects/{projectId}/datasets/{datasetId}/tables/{tableId}",
        "",
        "Table",
        "selectedFields view",
    ),
    (
        "tables.patch",
        "PATCH",
        "projects/{projectId}/datasets/{datasetId}/tables/{tableId}",
        "Table",
        "Table",
        "autodetect_schema",
    ),
    (
        "tables.update",
        "PUT",
        "projects/{projectId}/datasets/{datasetId}/tables/{tableId}",
        "Table",
        "Table",
        "autodetect_schema",
    ),
    ("tables.delete", "DELETE", "projects/{projectId}/datasets/{datasetId}/tables/{tableId}", "", "", ""),
    (
        "tabledata.insertAll",
        "POST",
        "projects/{projectId}/datasets/{datasetId}/tables/{tableId}/insertAll",
        "TableDataInsertAllRequest",
        "TableDataInsertAllResponse",
        "",
    ),
    (
        "tabledata.list",
        "GET",
        "projects/{projectId}/datasets/{datasetId}/tables/{tableId}/data",
        "",
        "TableDataList",
        "maxResults pageToken selectedFields startIndex formatOptions.useInt64Timestamp",
    ),
    (
        "jobs.list",
        "GET",
        "projects/{projectId}/jobs",
        "",
        "JobList",
        "allUsers maxResults pageToken projection stateFilter minCreationTime maxCreationTime parentJobId",
    ),
    ("jobs.insert", "POST", "projects/{projectId}/jobs", "Job", "Job", ""),
    ("jobs.get", "GET", "projects/{projectId}/jobs/{jobId}", "", "Job", "location"),
    ("jobs.cancel", "POST", "projects/{projectId}/jobs/{jobId}/cancel", "", "JobCancelResponse", "location"),
    ("jobs.delete", "DELETE", "projects/{projectId}/jobs/{jobId}/delete", "", "", "location"),
    ("jobs.query", "POST", "projects/{projectId}/queries", "QueryRequest", "QueryResponse", ""),
    (
        "jobs.getQueryResults",
        "GET",
        "projects/{projectId}/queries/{jobId}",
        "",
        "GetQueryResultsResponse",
        "location maxResults pageToken startIndex timeoutMs formatOptions.useInt64Timestamp",
    ),
)
"""Of each method: its name, its HTTP method, its path, the resources of request and reply, other parameters."""
GLOBAL = (
    "alt fields key oauth_token prettyPrint quotaUser trace userIp access_token callback upload_protocol uploadType"
)


def document(origin: str) -> dict[str, Any]:
    """Return the discovery document; its ``rootUrl`` is the sandbox, so that ``bq`` asks nobody else."""
    resources: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for name, method, path, request, response, query in METHODS:
        resource, _, short = name.partition(".")
        for each in (request, response):
            if each:
                schemas[each] = {
                    "id": each,
                    "type": "object",
                    "properties": {},
                    "additionalProperties": {"type": "any"},
                }
        resources.setdefault(resource, {"methods": {}})["methods"][short] = _method(
            name, method, path, request, response, query
        )
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "bigquery:v2",
        "name": "bigquery",
        "version": "v2",
        "title": "BigQuery API, as the sandbox has it",
        "protocol": "rest",
        "rootUrl": f"{origin}/",
        "servicePath": "bigquery/v2/",
        "basePath": "/bigquery/v2/",
        "baseUrl": f"{origin}/bigquery/v2/",
        "batchPath": "batch/bigquery/v2",
        "parameters": {each: {"type": "string", "location": "query"} for each in GLOBAL.split()},
        "schemas": schemas,
        "resources": resources,
    }


def _method(name: str, method: str, path: str, request: str, response: str, query: str) -> dict[str, Any]:
    inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters: dict[str, Any] = {each: {"type": "string", "location": "path", "required": True} for each in inside}
    parameters |= {each: {"type": "string", "location": "query"} for each in query.split()}
    found: dict[str, Any] = {
        "id": f"bigquery.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": method,
        "parameters": parameters,
        "parameterOrder": inside,
        "description": "",
    }
    if request:
        found["request"] = {"$ref": request}
    if response:
        found["response"] = {"$ref": response}
    if name == "jobs.insert":
        upload = f"/upload/bigquery/v2/{path}"
        found |= {
            "supportsMediaUpload": True,
            "mediaUpload": {
                "accept": ["*/*"],
                "maxSize": "268435456",
                "protocols": {
                    "simple": {"multipart": True, "path": upload},
                    "resumable": {"multipart": True, "path": f"/resumable{upload}"},
                },
            },
        }
    return found

"""QIDO-RS: search for studies, series and instances (PS3.18 10.6)."""

import json
import sqlite3
from functools import partial
from itertools import islice

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.dicom.json_model import Attributes, element, json_response, require_json, tag
from gateway.sandbox.dicom.qido_matching import matches
from gateway.sandbox.dicom.qido_query import ALL, Level, Query, parse_query, shown_tags, vr_of
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.names import DICOM_STORE_PATH, dicomweb_url, store_name

PATHS = {
    "studies": Level.STUDY,
    "series": Level.SERIES,
    "instances": Level.INSTANCE,
    "studies/{study:[0-9.]+}/series": Level.SERIES,
    "studies/{study:[0-9.]+}/instances": Level.INSTANCE,
    "studies/{study:[0-9.]+}/series/{series:[0-9.]+}/instances": Level.INSTANCE,
}
# With MIN(row), SQLite takes the other columns from the row that has the minimum: the first that was stored.
SELECT = (
    "SELECT MIN(row) AS first, study_uid, series_uid, sop_uid, metadata, group_concat(DISTINCT modality) AS modalities,"
    " COUNT(DISTINCT series_uid) AS series, COUNT(*) AS instances FROM instances"
)
GROUPS = {Level.STUDY: "study_uid", Level.SERIES: "study_uid, series_uid", Level.INSTANCE: "sop_uid"}
RESOURCES = {
    Level.STUDY: "studies/{study_uid}",
    Level.SERIES: "studies/{study_uid}/series/{series_uid}",
    Level.INSTANCE: "studies/{study_uid}/series/{series_uid}/instances/{sop_uid}",
}
# Attributes that are computed for a result and not stored in the instance
COMPUTED = tuple(
    tag(keyword)
    for keyword in (
        "RetrieveURL",
        "InstanceAvailability",
        "ModalitiesInStudy",
        "NumberOfStudyRelatedSeries",
        "NumberOfStudyRelatedInstances",
        "NumberOfSeriesRelatedInstances",
    )
)
# PS3.18 8.3.4.2
NOT_FUZZY = '299 - "The fuzzymatching parameter is not supported. Only literal matching has been performed."'


class QidoApi:
    """The handlers of the six search resources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.get(f"{DICOM_STORE_PATH}/dicomWeb/{path}", partial(self.search, level)) for path, level in PATHS.items()
        ]

    async def search(self, level: Level, request: web.Request) -> web.Response:
        """Answer one search; without a match the status is 204."""
        require_json(request)
        query = parse_query(level, request.query.items())
        info = request.match_info
        scope = Scope(store_name(request, "dicomStores"), info.get("study"), info.get("series"))
        found = await self._database.run(partial(search, scope=scope, query=query, root_url=dicomweb_url(request)))
        response = json_response(found) if found else web.Response(status=204)
        if query.fuzzy:
            response.headers["Warning"] = NOT_FUZZY
        return response


def search(connection: sqlite3.Connection, scope: Scope, query: Query, root_url: str) -> list[Attributes]:
    """Return the page of results that *query* asks for, in the order of arrival. Runs in the database's thread."""
    condition, values = _condition(scope, query)
    # The condition is made of fixed fragments; every value in it is a placeholder.
    rows = connection.execute(f"{SELECT} WHERE {condition} GROUP BY {GROUPS[query.level]} ORDER BY first", values)
    described = (_describe(row, query.level, root_url) for row in rows)
    matching = (each for each in described if _is_wanted(each, query))
    return [_shown(each, query) for each in islice(matching, query.offset, query.offset + query.limit)]


def _condition(scope: Scope, query: Query) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of the scope, with the SOP Instance UID of the query if it has a single one: this is fast."""
    condition, values = scope.condition()
    sop_uid = query.patterns.get(tag("SOPInstanceUID"), "")
    if not sop_uid or "," in sop_uid or "\\" in sop_uid:
        return condition, values
    return f"{condition} AND sop_uid = ?", (*values, sop_uid)


def _describe(row: sqlite3.Row, level: Level, root_url: str) -> Attributes:
    """Return the attributes of a study, series or instance: those of its first instance, and the computed ones."""
    found: Attributes = json.loads(row["metadata"])
    found[tag("RetrieveURL")] = element("UR", f"{root_url}/{RESOURCES[level].format(**dict(row))}")
    found[tag("InstanceAvailability")] = element("CS", "ONLINE")
    if level is Level.STUDY:
        modalities = (row["modalities"] or "").split(",")
        found[tag("ModalitiesInStudy")] = element("CS", *filter(None, modalities))
        found[tag("NumberOfStudyRelatedSeries")] = element("IS", row["series"])
        found[tag("NumberOfStudyRelatedInstances")] = element("IS", row["instances"])
    if level is Level.SERIES:
        found[tag("NumberOfSeriesRelatedInstances")] = element("IS", row["instances"])
    return found


def _is_wanted(found: Attributes, query: Query) -> bool:
    return all(matches(found.get(key), vr_of(key), pattern) for key, pattern in query.patterns.items())


def _shown(found: Attributes, query: Query) -> Attributes:
    """Return the default attributes of the level, those of ``includefield``, and those in the query."""
    if ALL in query.include and query.level is Level.INSTANCE:
        return dict(sorted(found.items()))
    usual = {*shown_tags(query.level), *COMPUTED, *query.include, *query.patterns}
    return {key: found[key] for key in sorted(usual) if key in found}

"""``:export`` of an HL7v2 store: a file of lines, as an import takes them, or the names of the messages to a topic."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.hl7v2 import store as hl7v2_store
from gateway.sandbox.hl7v2.filter import INSTANT, Condition, FilterError, parse_filter
from gateway.sandbox.hl7v2.resource import VIEWS, resource_of
from gateway.sandbox.hl7v2.store import StoredMessage, Window
from gateway.sandbox.json_bodies import check_keys, object_in, text_in
from gateway.sandbox.notifications import Notification
from gateway.sandbox.operations.running import Progress
from gateway.sandbox.place import Place
from gateway.sandbox.pubsub.resource import TOPIC

NAME = "messages.ndjson"
AT_ONCE = 100
KEYS = {"startTime", "endTime", "filter", "gcsDestination", "pubsubDestination"}


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, and where to."""

    condition: Condition
    view: str = "FULL"
    prefix: str = ""
    topic: str = ""


def read_request(asked: Mapping[str, Any]) -> Export:
    """Return what a request asks for; raises a 400 or 501 for what is not possible."""
    check_keys(asked, KEYS)
    condition = _condition(asked)
    if ("gcsDestination" in asked) == ("pubsubDestination" in asked):
        raise ApiError(400, "one of gcsDestination and pubsubDestination is required")
    if "pubsubDestination" in asked:
        topic = text_in(asked, "pubsubDestination", "pubsubTopic")
        if not TOPIC.match(topic):
            raise ApiError(400, "pubsubDestination.pubsubTopic needs the form projects/…/topics/…")
        return Export(condition, topic=topic)
    given = object_in(asked, "gcsDestination", {"uriPrefix", "contentStructure", "messageView"})
    if given.get("contentStructure", "MESSAGE_JSON") not in {"MESSAGE_JSON", "CONTENT_STRUCTURE_UNSPECIFIED"}:
        raise ApiError(400, "contentStructure is not MESSAGE_JSON")
    view = given.get("messageView", "FULL")
    if view == "SCHEMATIZED_ONLY":
        raise ApiError(501, "the sandbox has no schemas: messageView cannot be SCHEMATIZED_ONLY")
    if view not in VIEWS:
        raise ApiError(400, "messageView is not known")
    view = "FULL" if view == "MESSAGE_VIEW_UNSPECIFIED" else view
    return Export(condition, view, text_in(asked, "gcsDestination", "uriPrefix"))


async def export_messages(place: Place, store: str, asked: Export, progress: Progress) -> None:
    """Export the messages that are there when the operation begins, in the order of their arrival."""
    rows = await place.database.run(partial(hl7v2_store.rows, store=store, condition=asked.condition))
    progress.pending = len(rows)
    await progress.write(progress)
    if asked.topic:
        await _publish(place, store, asked, rows, progress)
        return
    with place.buckets.create(asked.prefix, NAME) as file:
        for at in range(0, len(rows), AT_ONCE):
            batch = rows[at : at + AT_ONCE]
            found = await _read(place, store, batch)
            text = "".join(json.dumps(resource_of(each, asked.view)) + "\n" for each in found).encode()
            await place.worker.run(partial(file.write, text))
            await progress.add(len(found), taken=len(batch))


async def _publish(place: Place, store: str, asked: Export, rows: list[int], progress: Progress) -> None:
    if not place.notifier.has_topic(asked.topic):
        raise ApiError(404, "the topic of pubsubDestination does not exist")
    for at in range(0, len(rows), AT_ONCE):
        batch = rows[at : at + AT_ONCE]
        found = await _read(place, store, batch)
        place.notifier.publish(Notification(asked.topic, each.name, {"msgType": each.message_type}) for each in found)
        await progress.add(len(found), taken=len(batch))


async def _read(place: Place, store: str, rows: list[int]) -> list[StoredMessage]:
    """Return the messages of some rows, without those that were deleted meanwhile."""
    condition = Condition(f"row IN ({', '.join(map(str, rows))})")
    window = Window(0, len(rows))
    return await place.database.run(partial(hl7v2_store.list_after, store=store, window=window, condition=condition))


def _condition(asked: Mapping[str, Any]) -> Condition:
    """Return the SQL of the filter and of the range of ``send_time``; without a range, a message needs no time."""
    try:
        found = parse_filter(str(asked.get("filter") or ""))
    except FilterError as error:
        raise ApiError(400, str(error)) from None
    for field, sign in (("startTime", ">="), ("endTime", "<")):
        if moment := asked.get(field):
            if not isinstance(moment, str) or not re.match(INSTANT, moment):
                raise ApiError(400, f"{field} is no RFC 3339 time")
            sql = f"({found.sql}) AND julianday(send_time) {sign} julianday(?)"
            found = Condition(sql, (*found.values, moment))
    return found

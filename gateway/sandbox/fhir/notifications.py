"""What a FHIR store tells its topics of changes, in Google's forms.

A notification has the name of the resource, or with ``sendFullResource`` the resource itself, unless that is too large
for Pub/Sub. Of a deleted resource it has the name, or with ``sendPreviousResourceOnDelete`` what was deleted.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.sandbox.fhir.session import Change
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.notifications import Notification
from gateway.sandbox.pubsub.resource import MOST_MESSAGE, TOPIC

FULL, ON_DELETE = "sendFullResource", "sendPreviousResourceOnDelete"
ROOM_FOR_ATTRIBUTES = 64 * 1024
WRONG = f"notificationConfigs must have the topics, as projects/…/topics/…, and {FULL} and {ON_DELETE} as true or false"


def check_configs(configs: object) -> None:
    """Raise a 400 for notification configurations that Google would not take."""
    if not isinstance(configs, list) or not all(map(_is_config, configs)):
        raise ApiError(400, WRONG)


def of_changes(store: str, configs: Iterable[Any], changes: Iterable[Change]) -> Iterator[Notification]:
    """Yield the notifications of the *changes* in a *store*."""
    configs = list(configs)
    for change in changes:
        for config in configs:
            body = _body(config, change)
            attributes = {
                "action": change.action,
                "resourceType": change.held.type,
                "payloadType": "NameOnly" if body is None else "FullResource",
                "storeName": store,
                "versionId": change.held.version_id,
                "lastUpdatedTime": _rfc_1123(change.held.version),
            }
            name = f"{store}/fhir/{change.held.type}/{change.held.id}"
            yield Notification(config["pubsubTopic"], name if body is None else body.decode(), attributes)


def _body(config: Any, change: Change) -> bytes | None:
    """Return the resource that is sent; None if its name is."""
    is_sent = config.get(ON_DELETE if change.held.deleted else FULL, False)
    body = change.previous if change.held.deleted else change.held.body
    return body if is_sent and len(body) < MOST_MESSAGE - ROOM_FOR_ATTRIBUTES else None


def _rfc_1123(version: int) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S UTC", time.gmtime(version // 1_000_000))


def _is_config(config: object) -> bool:
    if not isinstance(config, dict) or set(config) - {"pubsubTopic", FULL, ON_DELETE}:
        return False
    topic, flags = config.get("pubsubTopic"), [config.get(name, False) for name in (FULL, ON_DELETE)]
    return isinstance(topic, str) and bool(TOPIC.match(topic)) and all(isinstance(each, bool) for each in flags)

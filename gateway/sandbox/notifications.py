"""What a store publishes when something is stored in it, by its notification configurations.

The HL7v2 store tells the name of the message and its type; a DICOM store the path of the instance, by the newer
``notificationConfigs`` also attributes. ``fhir/notifications.py`` has those of a FHIR store. Notifications have no
ordering key, and an error of Pub/Sub loses them.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.sandbox.dicom.file import Instance
from gateway.sandbox.faults import NotificationFaults
from gateway.sandbox.hl7v2.filter import parse_filter
from gateway.sandbox.hl7v2.store import StoredMessage
from gateway.sandbox.pubsub.broker import Broker
from gateway.sandbox.stores import OLD, PLURAL, read_store


@dataclass(frozen=True, slots=True)
class Notification:
    """What one topic is told."""

    topic: str
    data: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Notifier:
    """Publishes notifications, or what *faults* make of them."""

    def __init__(self, broker: Broker, faults: NotificationFaults) -> None:
        self._broker = broker
        self._faults = faults

    def publish(self, notifications: Iterable[Notification]) -> None:
        """Publish *notifications*, in no order that a consumer could rely on. Never raises."""
        for each in notifications:
            for pause in self._faults.fate():
                if pause:
                    asyncio.get_running_loop().call_later(pause, self._publish, each)
                else:
                    self._publish(each)

    def has_topic(self, topic: str) -> bool:
        """Return whether there is such a topic."""
        return topic in self._broker.topics

    def _publish(self, notification: Notification) -> None:
        self._broker.publish(notification.topic, notification.data.encode(), notification.attributes)


def of_message(connection: sqlite3.Connection, store: str, message: StoredMessage) -> list[Notification]:
    """Return the notifications of a new HL7v2 message. Runs in the database's thread."""
    found = []
    for config in read_store(connection, store).get(PLURAL, []):
        condition = parse_filter(config.get("filter", ""))
        meets = connection.execute(
            f"SELECT 1 FROM messages WHERE row = ? AND {condition.sql}",  # noqa: S608  made of fixed fragments
            (message.row, *condition.values),
        )
        if meets.fetchone():
            found.append(Notification(config["pubsubTopic"], message.name, {"msgType": message.message_type}))
    return found


def of_instance(
    connection: sqlite3.Connection, store: str, instance: Instance, action: str = "StoreInstances"
) -> list[Notification]:
    """Return the notifications of a new DICOM instance. Runs in the database's thread.

    Of an import (``ImportDicomData``) the old ``notificationConfig`` is told only with ``sendForBulkImport``.
    """
    row = connection.execute(
        "SELECT row, create_time FROM instances WHERE store = ? AND sop_uid = ?", (store, instance.sop_uid)
    ).fetchone()
    resource = read_store(connection, store)
    data = f"{store}/dicomWeb/studies/{instance.study_uid}/series/{instance.series_uid}/instances/{instance.sop_uid}"
    attributes = {
        "action": action,
        "lastUpdatedTime": row["create_time"],
        "storeName": store,
        "studyInstanceUID": instance.study_uid,
        "seriesInstanceUID": instance.series_uid,
        "sopInstanceUID": instance.sop_uid,
        "versionId": str(row["row"]),
        "modality": instance.modality or "",
    }
    config = resource.get(OLD) or {}
    is_told = config.get("pubsubTopic") and (action == "StoreInstances" or config.get("sendForBulkImport"))
    old = [Notification(config["pubsubTopic"], data)] if is_told else []
    return old + [Notification(config["pubsubTopic"], data, attributes) for config in resource.get(PLURAL, [])]

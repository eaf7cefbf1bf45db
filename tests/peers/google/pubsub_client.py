"""Publishes, pulls, extends and acknowledges with google-cloud-pubsub over REST; run by tests/peers/test_pubsub.py.

It runs in an environment of its own. The address of the sandbox is its only argument.
"""

import json
import sys

from google.auth.credentials import AnonymousCredentials
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports.rest import PublisherRestTransport
from google.pubsub_v1.services.subscriber.transports.rest import SubscriberRestTransport

TOPIC, SUBSCRIPTION = "projects/p/topics/results", "projects/p/subscriptions/hilum"


def main(host: str) -> None:
    """Print what came as JSON."""
    options = {"host": host, "url_scheme": "http", "credentials": AnonymousCredentials()}
    publisher = PublisherClient(transport=PublisherRestTransport(**options))
    subscriber = SubscriberClient(transport=SubscriberRestTransport(**options))
    publisher.create_topic(name=TOPIC)
    subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC, ack_deadline_seconds=30)
    publisher.publish(topic=TOPIC, messages=[{"data": b"name", "attributes": {"msgType": "ORU"}}])
    (received,) = subscriber.pull(subscription=SUBSCRIPTION, max_messages=10).received_messages
    ids = [received.ack_id]
    subscriber.modify_ack_deadline(subscription=SUBSCRIPTION, ack_ids=ids, ack_deadline_seconds=60)
    subscriber.acknowledge(subscription=SUBSCRIPTION, ack_ids=ids)
    left = subscriber.pull(subscription=SUBSCRIPTION, max_messages=10, return_immediately=True).received_messages
    seen = received.message.data.decode(), dict(received.message.attributes), len(left)
    print(json.dumps(seen))  # noqa: T201  it is the script's result


main(sys.argv[1])

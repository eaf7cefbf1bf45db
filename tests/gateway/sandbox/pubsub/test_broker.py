"""Topics and subscriptions in memory, with a clock that the test moves."""

from gateway.sandbox.pubsub.broker import Broker, Subscription, Terms

TOPIC, DEAD, SUBSCRIPTION = "projects/p/topics/t", "projects/p/topics/dead", "projects/p/subscriptions/s"


class Clock:
    """The time of a broker."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def broker_with(terms: Terms) -> tuple[Broker, Clock]:
    """Return a broker with one subscription of these terms, and its clock."""
    clock = Clock()
    broker = Broker(clock)
    broker.topics |= {TOPIC: {}, DEAD: {}}
    broker.subscriptions[SUBSCRIPTION] = Subscription(TOPIC, terms)
    return broker, clock


def pulled(broker: Broker, most: int = 100) -> list[bytes]:
    """Return the data of what a pull gives."""
    return [each.message.data for each in broker.pull(SUBSCRIPTION, most)]


def test_acknowledged_messages_do_not_come_again() -> None:
    """A message is given once while it is leased, and never again once it is acknowledged."""
    broker, clock = broker_with(Terms())
    broker.publish(TOPIC, b"a")
    (leased,) = broker.pull(SUBSCRIPTION, 10)
    assert [] == pulled(broker)
    broker.subscriptions[SUBSCRIPTION].acknowledge([leased.ack_id])
    clock.now += 3600
    assert [] == pulled(broker)


def test_deadline() -> None:
    """A message that is not acknowledged by its deadline comes again, as a further attempt."""
    broker, clock = broker_with(Terms(ack_seconds=10))
    broker.publish(TOPIC, b"a")
    broker.pull(SUBSCRIPTION, 10)
    clock.now += 9.9
    assert [] == pulled(broker)
    clock.now += 0.1
    assert [2] == [each.attempt for each in broker.pull(SUBSCRIPTION, 10)]


def test_extended_deadline() -> None:
    """A lease that is extended lasts for so long."""
    broker, clock = broker_with(Terms(ack_seconds=10))
    broker.publish(TOPIC, b"a")
    (leased,) = broker.pull(SUBSCRIPTION, 10)
    broker.subscriptions[SUBSCRIPTION].extend([leased.ack_id], 60, clock.now)
    clock.now += 59
    assert [] == pulled(broker)
    clock.now += 1
    assert [b"a"] == pulled(broker)


def test_expired_leases_are_not_extended() -> None:
    """A deadline that has passed cannot be moved any more."""
    broker, clock = broker_with(Terms(ack_seconds=10))
    broker.publish(TOPIC, b"a")
    (leased,) = broker.pull(SUBSCRIPTION, 10)
    clock.now += 11
    broker.subscriptions[SUBSCRIPTION].extend([leased.ack_id], 60, clock.now)
    assert [b"a"] == pulled(broker)


def test_nack_comes_again_at_once() -> None:
    """A deadline of 0 seconds makes the message available."""
    broker, clock = broker_with(Terms())
    broker.publish(TOPIC, b"a")
    (leased,) = broker.pull(SUBSCRIPTION, 10)
    broker.subscriptions[SUBSCRIPTION].extend([leased.ack_id], 0, clock.now)
    assert [b"a"] == pulled(broker)


def test_dead_letters() -> None:
    """After max_attempts deliveries, expired or refused, the message goes to the dead letter topic."""
    broker, clock = broker_with(Terms(dead_letter_topic=DEAD, max_attempts=5))
    broker.subscriptions["projects/p/subscriptions/dead"] = Subscription(DEAD)
    broker.publish(TOPIC, b"a", {"x": "y"})
    for _ in range(5):
        assert [b"a"] == pulled(broker)
        clock.now += 11
    assert [] == pulled(broker)
    (dead,) = broker.pull("projects/p/subscriptions/dead", 10)
    assert (b"a", {"x": "y", "CloudPubSubDeadLetterSourceSubscription": "s"}) == (
        dead.message.data,
        dead.message.attributes,
    )


def test_retention() -> None:
    """A message is forgotten after the retention, acknowledged or not."""
    broker, clock = broker_with(Terms(retention_seconds=600))
    broker.publish(TOPIC, b"a")
    clock.now += 601
    assert [] == pulled(broker)


def test_late_acknowledgement() -> None:
    """An ack ID whose lease has expired still acknowledges the message while nobody else has it acknowledged."""
    broker, clock = broker_with(Terms())
    broker.publish(TOPIC, b"a")
    (leased,) = broker.pull(SUBSCRIPTION, 10)
    clock.now += 11
    broker.subscriptions[SUBSCRIPTION].acknowledge([leased.ack_id])
    assert [] == pulled(broker)


def test_most() -> None:
    """A pull gives no more than it is asked for, the oldest first."""
    broker, _ = broker_with(Terms())
    for data in (b"a", b"b", b"c"):
        broker.publish(TOPIC, data)
    assert [[b"a", b"b"], [b"c"]] == [pulled(broker, 2), pulled(broker, 2)]


def test_next_available() -> None:
    """While a message is leased, the next one is due at its deadline."""
    broker, clock = broker_with(Terms(ack_seconds=10))
    assert broker.subscriptions[SUBSCRIPTION].next_available(clock.now) is None
    broker.publish(TOPIC, b"a")
    assert clock.now == broker.subscriptions[SUBSCRIPTION].next_available(clock.now)
    pulled(broker)
    assert clock.now + 10 == broker.subscriptions[SUBSCRIPTION].next_available(clock.now)


def test_no_topic() -> None:
    """A message for a topic that does not exist is lost."""
    broker, _ = broker_with(Terms())
    assert broker.publish("projects/p/topics/other", b"a") is None


def test_forgotten_subscription() -> None:
    """A subscription that is deleted gets nothing."""
    broker, _ = broker_with(Terms())
    called: list[int] = []
    broker.when_arrived(SUBSCRIPTION, lambda: called.append(1))
    broker.forget(SUBSCRIPTION)
    broker.publish(TOPIC, b"a")
    assert ([], []) == (broker.subscriptions_of(TOPIC), called)

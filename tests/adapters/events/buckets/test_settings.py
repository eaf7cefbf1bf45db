"""The settings of a subscription to the notifications of buckets."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.events.buckets.settings import BucketNotificationsSettings

NAME = "projects/p/subscriptions/uploads"


def settings(**others: Any) -> BucketNotificationsSettings:
    """Return settings, that which is required and *others*."""
    return BucketNotificationsSettings.model_validate({"subscription": NAME, **others})


def test_defaults() -> None:
    """Google's Pub/Sub, and five seconds for an upload to end. Every process of the pipeline gets a copy."""
    found: BucketNotificationsSettings = pickle.loads(pickle.dumps(settings()))
    assert found.subscription_url == f"https://pubsub.googleapis.com/v1/{NAME}"
    assert (found.settle_seconds, found.client.url) == (5, "https://pubsub.googleapis.com")


def test_google(tmp_path: Path) -> None:
    """A token of Google has the scope of Pub/Sub and no other, unless others are given."""
    google = {"kind": "google", "service_account_file": str(tmp_path / "key.json")}
    assert settings(credentials=google).client.credentials.scopes == (  # type: ignore[union-attr]
        "https://www.googleapis.com/auth/pubsub",
    )
    assert settings(credentials={**google, "scopes": ["s"]}).client.credentials.scopes == ("s",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subscription": "uploads"}, "must be projects/PROJECT/subscriptions/NAME"),
        ({"pubsub_url": "https://pubsub.example/v1"}, "pubsub_url must have no path"),
        ({"pubsub_url": "http://pubsub.example", "tls": {}}, "tls has no effect"),
        (
            {"pubsub_url": "http://pubsub.example", "credentials": {"kind": "bearer", "token_file": "/t"}},
            "in the clear",
        ),
    ],
)
def test_mistakes(changes: dict[str, Any], reason: str) -> None:
    """What cannot work, or would show a secret, is refused."""
    with pytest.raises(ValidationError, match=reason):
        settings(**changes)

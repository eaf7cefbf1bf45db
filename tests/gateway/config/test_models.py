"""The settings that are made from the table of kinds."""

from typing import Literal

import pytest
from pydantic import TypeAdapter

from adapters.rest.kinds import CREDENTIALS
from adapters.rest.settings import HttpSettings
from gateway.config import models
from gateway.config.models import one_of, with_credentials
from gateway.contract.kind import CredentialKind
from gateway.contract.settings import Settings
from gateway.kinds import table


class Badge(Settings):
    """Credentials of another package."""

    kind: Literal["badge"]
    number: int


class Other(Settings):
    """A second choice."""

    kind: Literal["other"]


def test_one_of_two() -> None:
    """Of several kinds the one that ``kind`` names is read."""
    assert Badge(kind="badge", number=1) == TypeAdapter(one_of([Badge, Other])).validate_python(
        {"kind": "badge", "number": 1}
    )


def test_one_of_one() -> None:
    """A single kind needs no choice."""
    assert one_of([Badge]) is Badge


def test_built_in_credentials() -> None:
    """Without other packages the settings are those of the adapter itself."""
    assert with_credentials(HttpSettings) is HttpSettings


def test_credentials_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A destination takes the credentials that another package brings, beside those that Hilum ships."""
    kinds = table([*CREDENTIALS, CredentialKind("badge", Badge, lambda *_: None)])
    monkeypatch.setattr(models, "KINDS", kinds)
    settings = with_credentials(HttpSettings)
    made = settings.model_validate(
        {"kind": "http", "url": "https://e.example/", "credentials": {"kind": "badge", "number": 7}}
    )
    assert Badge(kind="badge", number=7) == made.credentials  # type: ignore[attr-defined]
    assert "none" == settings.model_validate({"kind": "http", "url": "https://e.example/"}).credentials.kind  # type: ignore[attr-defined]

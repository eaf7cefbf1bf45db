"""The settings of a listener, and the policy they make."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.dimse.settings import DimseListenerSettings

REFUSED: dict[str, dict[str, Any]] = {
    "no title": {"ae_title": " "},
    "a title of 17 characters": {"ae_title": "A" * 17},
    "a title with a backslash": {"ae_title": "A\\B"},
    "a title with a control character": {"ae_title": "A\nB"},
    "a title beyond ASCII": {"ae_title": "RÖNTGEN"},
    "a called title of 17 characters": {"called_ae_titles": ["A" * 17]},
    "no UID": {"sop_classes": ["CT"]},
    "a PDU too short": {"max_pdu": 100},
    "an unknown key": {"aetitle": "X"},
}


@pytest.mark.parametrize("settings", REFUSED.values(), ids=REFUSED)
def test_refused(settings: dict[str, Any]) -> None:
    """What cannot work is refused before anything starts."""
    with pytest.raises(ValidationError):
        DimseListenerSettings(port=0, **settings)


def test_defaults() -> None:
    """By default one called title is accepted, and any peer, SOP class and transfer syntax."""
    policy = DimseListenerSettings(port=104).policy()
    assert ({"HILUM"}, None, None, None, 131072) == (
        policy.called_ae_titles,
        policy.calling_ae_titles,
        policy.sop_classes,
        policy.transfer_syntaxes,
        policy.max_pdu,
    )


def test_any_title() -> None:
    """A star accepts any title."""
    policy = DimseListenerSettings(port=0, called_ae_titles=("*",), calling_ae_titles=("A", "*")).policy()
    assert (None, None) == (policy.called_ae_titles, policy.calling_ae_titles)


def test_lists() -> None:
    """Lists replace the defaults, and spaces around a title mean nothing."""
    settings = DimseListenerSettings(
        port=0, called_ae_titles=(" A ",), calling_ae_titles=("B",), sop_classes=("1.2",), transfer_syntaxes=("1.3",)
    )
    policy = settings.policy()
    assert ({"A"}, {"B"}, {"1.2"}, {"1.3"}) == (
        policy.called_ae_titles,
        policy.calling_ae_titles,
        policy.sop_classes,
        policy.transfer_syntaxes,
    )


ALLOWED: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "the defaults": ({}, {"called_ae_title": ["HILUM"]}),
    "a title of its own": ({"ae_title": "PACS"}, {"called_ae_title": ["PACS"]}),
    "nobody": ({"called_ae_titles": [], "calling_ae_titles": []}, {}),
    "any title": ({"called_ae_titles": ["A", "*"], "calling_ae_titles": ["*"]}, {}),
    "both": (
        {"called_ae_titles": ["B", "A"], "calling_ae_titles": ["CT1"]},
        {"called_ae_title": ["A", "B"], "calling_ae_title": ["CT1"]},
    ),
    "classes and syntaxes": (
        {"called_ae_titles": ["*"], "sop_classes": ["1.3", "1.2"], "transfer_syntaxes": ["1.4"]},
        {"sop_class_uid": ["1.2", "1.3"], "transfer_syntax_uid": ["1.4"]},
    ),
    "a peer that may send more classes": (
        {"sop_classes": ["1.2"], "peers": {"old": {"networks": ["10.0.0.0/8"], "sop_classes": ["1.3"]}}},
        {"called_ae_title": ["HILUM"], "sop_class_uid": ["1.2", "1.3"]},
    ),
    "a peer that calls it otherwise": (
        {"peers": {"old": {"calling_ae_titles": ["CT1"], "called_ae_titles": ["OLD"]}}},
        {"called_ae_title": ["HILUM", "OLD"]},
    ),
    "a peer that calls it anything": (
        {"peers": {"old": {"calling_ae_titles": ["CT1"], "called_ae_titles": ["*"]}}},
        {},
    ),
}


@pytest.mark.parametrize(("given", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_allowed_values(given: dict[str, Any], expected: dict[str, list[str]]) -> None:
    """The values that facts can have are known where not every value is accepted; entries for peers count too."""
    assert expected == DimseListenerSettings(port=0, **given).allowed_values()

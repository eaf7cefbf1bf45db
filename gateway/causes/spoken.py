"""The details of a diagnosis in words, and what some of their codes add to a sentence."""

from collections.abc import Mapping

from gateway.causes.wording import duration, with_ages

UNANSWERED = frozenset({"EAI_AGAIN", "timeout"})
"""Codes of a look-up to which no server of DNS has given an answer."""
CLOSED = "closed"
"""The error of a TLS handshake in which the other side hangs up."""
EXPIRED = "expired_token"
"""The error of a refused token that the other side says to be too old."""


def spoken(details: Mapping[str, str], now: float) -> dict[str, str]:
    """Return details in words: durations for seconds, and ages for times."""
    shown = with_ages(details, now)
    if "seconds" in details:
        try:
            shown["seconds"] = duration(float(details["seconds"]))
        except ValueError:
            del shown["seconds"]
    if details.get("code") in UNANSWERED and "name" in shown:
        shown["unanswered"] = shown["name"]
    if details.get("error") == CLOSED:
        shown["closing"] = "in the TLS handshake without a reason"
    if details.get("error") == EXPIRED and "path" in shown:
        shown["expired_path"] = shown["path"]
    return shown

"""Where a verb of a case leads: to a page, or, if it acts, to the form that asks back."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from gateway.screen.words import in_path

SELECTORS = ("destination", "state", "listener", "reason_like", "control_id", "sop_instance_uid")


def link_of(target: Mapping[str, str]) -> str | None:
    """Return the address of the page that a verb shows; None for a verb that acts."""
    if "link" in target:
        return target["link"]
    if "key" in target:
        return f"/configuration#{anchor_of(target['key'])}"
    return _page_of(target) if "page" in target else None


def _page_of(target: Mapping[str, str]) -> str:
    page, name, message = target["page"], target.get("name"), target.get("message_id")
    if page == "spool" and (words := {each: text for each, text in target.items() if each in SELECTORS}):
        return f"/spool/entries?{urlencode(words)}"
    below = message if page == "messages" else name
    return f"/{in_path(page)}" if below is None else f"/{in_path(page)}/{in_path(below)}"


def anchor_of(path: str) -> str:
    """Return the ID of a key's row on the page of the configuration; an ID has no spaces."""
    return quote(path, safe="[]|")

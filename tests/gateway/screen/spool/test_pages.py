"""The pages of the spool and their forms."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from gateway.admin.access import Access
from gateway.admin.roles import ALL, Role
from gateway.admin.tokens import Tokens
from gateway.spool import State
from tests.gateway.screen.further import TEXT, Gateway, gateway
from tests.gateway.screen.screens import TOKEN
from tests.gateway.spooled import MARK, REFUSED

VIEWER = "viewer-token-0123456789"


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Gateway]:
    """Serve all pages to an operator and to somebody who only looks."""
    access = Access(tokens=Tokens({ALL: lambda: TOKEN, frozenset({Role.VIEWER}): lambda: VIEWER}))
    async with gateway(tmp_path, access) as served:
        yield served


def hidden(html: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form on a page."""
    found: dict[str, list[str]] = {}
    form = html[html.index("<main") :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


async def test_overview(port: Gateway) -> None:
    """What is parked and what waits, by reason, with forms for who may act; no octet of a payload."""
    await port.sign_in()
    status, text = await port.get("/spool")
    assert 200 == status
    assert f"reason_like={REFUSED.replace(' ', '+')}" in text
    assert "This destination is not in the configuration" in text
    assert 'action="/actions/discard"' in text
    assert MARK.decode() not in text


async def test_viewer(port: Gateway) -> None:
    """Who only looks has no forms, is told why, and cannot act without them either."""
    await port.sign_in(VIEWER)
    for path in ("/spool", "/spool/entries?state=parked", f"/spool/entries/{port.parked}"):
        _, text = await port.get(path)
        assert "/actions/" not in text
    assert "role operator" in text
    assert "/payload" not in text
    assert 403 == (await port.get(f"/spool/entries/{port.parked}/payload"))[0]
    status, _, _ = await port.post("/actions/discard", destination="store", state="parked")
    assert 403 == status
    assert [] == port.acts.told


async def test_entries(port: Gateway) -> None:
    """A page of entries, the next one, and what is wrong with a search."""
    await port.sign_in()
    _, text = await port.get("/spool/entries?limit=1")
    (older,) = re.findall(r'href="(/spool/entries\?[^"]*after=[^"]*)"', text)
    status, text = await port.get(unescape(older))
    assert (200, True) == (status, "First page" in text)
    _, text = await port.get("/spool/entries?state=parked&destination=store&control_id=")
    assert "Discard all of these" in text
    _, text = await port.get("/spool/entries?state=delivered")
    assert "Discard all of these" not in text
    status, text = await port.get("/spool/entries?older_than=yesterday")
    assert (400, True) == (status, "is not an age" in text)
    status, text = await port.get("/spool/entries/none")
    assert (404, True) == (status, "There is no such message" in text)


async def test_entry(port: Gateway) -> None:
    """One entry: its state, reason, and where else it is shown."""
    await port.sign_in()
    _, text = await port.get(f"/spool/entries/{port.parked}")
    for each in (REFUSED, "C-m1", 'href="/messages/m1"', 'href="/destinations/store"', "/payload"):
        assert each in text
    _, text = await port.get(f"/spool/entries/{port.waiting}")
    assert "which is not in the configuration" in text
    assert 'action="/actions/retry"' not in text


async def test_decide(port: Gateway) -> None:
    """A form is asked back with a count; then it is done once, and its page can be opened again."""
    await port.sign_in(name="night.shift")
    _, text = await port.get(f"/spool/entries/{port.parked}")
    csrf = hidden(text)["csrf"][0]
    status, text, _ = await port.post("/actions/discard", csrf=csrf, destination="store", state="parked")
    assert (200, True, []) == (status, "Discard 2 messages?" in text, port.acts.told)
    form = hidden(text)
    for _ in range(2):
        status, _, where = await port.post("/actions/discard", **form, reason="sent twice")
        assert 303 == status
        _, text = await port.get(where)
        assert "Done: 2 messages" in text
    (act,) = port.acts.told
    assert ("sent twice", True) == (act.why, "night.shift" in act.by)
    assert port.operations is not None
    record = await port.operations.get(port.parked)
    assert record is not None
    assert (State.DISCARDED, "sent twice") == (record.state, record.reason)


async def test_no_reason(port: Gateway) -> None:
    """Without a reason nothing is done; the page says what is missing."""
    await port.sign_in()
    _, text = await port.get(f"/spool/entries/{port.parked}")
    form = {"csrf": hidden(text)["csrf"][0], "ids": port.parked}
    _, text, _ = await port.post("/actions/retry", **form)
    status, text, _ = await port.post("/actions/retry", **hidden(text), reason=" ")
    assert (200, True, []) == (status, 'role="alert">reason: ' in text, port.acts.told)


async def test_no_token(port: Gateway) -> None:
    """A form without its token is refused, and changes nothing."""
    await port.sign_in()
    status, _, _ = await port.post("/actions/discard", ids=port.parked, act="a", count="9", reason="forged")
    assert (403, []) == (status, port.acts.told)


async def test_no_such_act(port: Gateway) -> None:
    """There are two verbs; of an act that nobody knows, the page says so."""
    await port.sign_in()
    _, text = await port.get(f"/spool/entries/{port.parked}")
    csrf = hidden(text)["csrf"][0]
    status, text, _ = await port.post("/actions/explode", csrf=csrf, ids=port.parked)
    assert (404, True) == (status, "there is no such act" in text)
    _, text = await port.get("/actions/forgotten")
    assert "Nothing is known of this act" in text


async def test_not_audited(port: Gateway) -> None:
    """An act that is done, and not in the audit trail, says so."""
    port.acts.faults = ["file: No space left on device"]
    await port.sign_in()
    _, text = await port.get(f"/spool/entries/{port.parked}")
    _, text, _ = await port.post("/actions/discard", csrf=hidden(text)["csrf"][0], ids=port.parked)
    _, _, where = await port.post("/actions/discard", **hidden(text), reason="sent twice")
    _, text = await port.get(where)
    assert "not in the audit trail: file: No space left on device" in text


async def test_keyed(tmp_path: Path) -> None:
    """Where control IDs may be built from a patient's number, they are on no page of the spool."""
    text = TEXT.replace("    acknowledge: commit\n", "    acknowledge: commit\n    identifiers: keyed\n")
    async with gateway(tmp_path, text=text) as port:
        await port.sign_in()
        for path in ("/spool/entries", f"/spool/entries/{port.parked}", f"/spool/entries/{port.parked}/payload"):
            _, shown = await port.get(path)
            assert "C-m1" not in shown, path
        _, shown = await port.get("/spool/entries?control_id=C-m1")
        assert port.parked in shown

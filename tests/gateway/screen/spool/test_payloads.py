"""The payload pages: redacted by default; the content is an act of its own."""

from pathlib import Path

from structlog.testing import capture_logs

from gateway.admin.access import Access
from gateway.admin.roles import Role
from gateway.admin.tokens import Tokens
from gateway.screen.spool.payloads import PURPOSES
from gateway.spool import Selection
from tests.gateway.screen.further import gateway
from tests.gateway.screen.spool.test_pages import hidden
from tests.gateway.spooled import MARK

READER = "payload-token-0123456789"
OPERATOR = "operator-token-0123456789"
ACCESS = {
    frozenset({Role.VIEWER, Role.PAYLOAD}): lambda: READER,
    frozenset({Role.VIEWER, Role.OPERATOR}): lambda: OPERATOR,
}
NAME = MARK.decode()


async def test_redacted(tmp_path: Path) -> None:
    """Who has the role sees which fields there are, and no value; that is no act."""
    async with gateway(tmp_path, Access(tokens=Tokens(ACCESS))) as port:
        await port.sign_in(READER)
        status, text = await port.get(f"/spool/entries/{port.parked}/payload")
        assert (200, True, True, False) == (status, "PID-5" in text, "Patient name" in text, NAME in text)
        assert [] == port.acts.told


async def test_content(tmp_path: Path) -> None:
    """The content is shown with a purpose, which is in the log and, with the remark, in the audit trail."""
    async with gateway(tmp_path, Access(tokens=Tokens(ACCESS))) as port:
        await port.sign_in(READER, "dr.x")
        path = f"/spool/entries/{port.parked}/payload"
        csrf = hidden((await port.get(path))[1])["csrf"][0]
        with capture_logs() as logs:
            status, text, _ = await port.post(path, csrf=csrf, purpose="mapping", note="Eve's\nmap")
        assert (200, True) == (status, NAME in text)
        (act,) = port.acts.told
        assert (f"{PURPOSES['mapping']}: Eve's map", True, True) == (act.why, act.is_done, "dr.x" in act.by)
        assert act.what.startswith(f"shown on the screen: 1 spooled entries; IDs: {port.parked}")
        (line,) = [each for each in logs if each["event"] == "spool_payload_shown"]
        assert ("mapping", port.parked, True) == (line["purpose"], line["entry_id"], "dr.x" in line["by"])
        assert "Eve" not in str(logs)


async def test_no_purpose(tmp_path: Path) -> None:
    """Without a purpose, or with one that is none, nothing is shown and nothing is told."""
    async with gateway(tmp_path, Access(tokens=Tokens(ACCESS))) as port:
        await port.sign_in(READER)
        path = f"/spool/entries/{port.parked}/payload"
        csrf = hidden((await port.get(path))[1])["csrf"][0]
        for fields in ({}, {"purpose": "curiosity"}):
            status, text, _ = await port.post(path, csrf=csrf, **fields)
            assert (400, False) == (status, NAME in text)
        assert [] == port.acts.told


async def test_operator(tmp_path: Path) -> None:
    """Who may act may not read: neither the fields nor the content."""
    async with gateway(tmp_path, Access(tokens=Tokens(ACCESS))) as port:
        await port.sign_in(OPERATOR)
        path = f"/spool/entries/{port.parked}/payload"
        csrf = hidden((await port.get(f"/spool/entries/{port.parked}"))[1])["csrf"][0]
        assert 403 == (await port.get(path))[0]
        status, text, _ = await port.post(path, csrf=csrf, purpose="mapping")
        assert (403, False, []) == (status, NAME in text, port.acts.told)


async def test_gone(tmp_path: Path) -> None:
    """A payload that is gone is said to be gone."""
    async with gateway(tmp_path, Access(tokens=Tokens(ACCESS))) as port:
        assert port.operations is not None
        await port.sign_in(READER)
        csrf = hidden((await port.get(f"/spool/entries/{port.parked}/payload"))[1])["csrf"][0]
        await port.operations.discard(_selection(port.parked), "sent twice")
        assert 410 == (await port.get(f"/spool/entries/{port.parked}/payload"))[0]
        status, text, _ = await port.post(f"/spool/entries/{port.parked}/payload", csrf=csrf, purpose="mapping")
        assert (410, False) == (status, NAME in text)


def _selection(entry_id: str) -> Selection:
    return Selection(entry_ids=frozenset([entry_id]))

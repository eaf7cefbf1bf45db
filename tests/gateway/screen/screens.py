"""A first screen to test: statuses made by hand, and a port that serves its pages."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout, CookieJar, web

from gateway.admin.access import Access, access_by
from gateway.admin.server import serve_admin
from gateway.admin.settings import AdminSettings
from gateway.contract.acts import TellAct
from gateway.contract.observed import Case, Observed, PeerSeen, Status, Verb
from gateway.screen.first_screen import ReadPipeline
from gateway.screen.pages import add_pages

NOW = 1_764_383_000.0
"""2025-11-29T02:23:20Z."""
TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def verb(name: str = "retry", label: str = "Try now", *, helps: bool = True, **target: str) -> Verb:
    """Return a verb of a case."""
    return Verb(name=name, label=label, helps=helps, target=target)


def case(**values: Any) -> Case:
    """Return the case of a store that is down, with *values* in place of its own."""
    base: dict[str, Any] = {
        "id": "a1b2",
        "state": "stopped",
        "level": "red",
        "cause": "connection_refused",
        "subject_kind": "destination",
        "subject": "image-store",
        "since": NOW - 840,
        "side": "store",
        "title": "image-store refuses connections",
        "why": "Nothing listens at 10.20.0.8:8042: its host answers, the service is down.",
        "proof": "37 tries, the last 1 min ago.",
        "effect": "412 instances of CT1, CT2 and MR1 wait here, safe on disk; room for 9 h. CT1 is told success.",
        "now": "Its owner starts the service. Hilum delivers by itself when it is back.",
        "contact": "PACS on-call, 4411",
        "verbs": [
            verb(destination="image-store"),
            verb("show", "Explain", helps=False, link="/destinations/image-store"),
        ],
    }
    return Case(**{**base, **values})  # type: ignore[typeddict-item]


REJECTED = case(
    id="c3d4",
    state="rejected",
    level="amber",
    cause="called_ae_title",
    subject_kind="peer",
    subject="MR3",
    since=NOW - 3060,
    side="peer",
    title="MR3 calls us by the wrong name",
    why="It asks for AE title HILUM1; this listener is HILUM. Each of its associations is rejected.",
    proof="9 associations from 10.31.4.17, the last 5 min ago. A-ASSOCIATE-RJ 1/1/7.",
    effect="MR3 stores nothing here. It keeps its images and shows “failed”.",
    now="On MR3 set the AE title to HILUM, or add HILUM1 to listeners.modalities.called_ae_titles and reload.",
    contact="",
    verbs=[verb("show_line", "Show the line to change", link="/configuration#listeners.modalities")],
)
SILENT = case(
    id="e5f6",
    state="silent",
    level="amber",
    cause="silent",
    subject_kind="peer",
    subject="LAB|HOSPITAL",
    since=NOW - 13_920,
    side="peer",
    title="LAB|HOSPITAL has sent nothing for 3 h 52 min",
    why="On a Saturday night its usual gap is 20 min. Its connection is open, but no octet comes.",
    proof="Judged from 6 weeks; by chance less than once a year.",
    effect="Results may be missing in hl7-store. Nothing of it waits here.",
    now="Call the laboratory's IT, and ask for their outbound queue to Hilum.",
    contact="Laboratory IT, +49 221 4730",
    verbs=[verb("show", "Explain", helps=False, link="/peers/LAB%7CHOSPITAL")],
)
CLOCK = case(
    id="0789",
    state="warned",
    level="blue",
    cause="clock",
    subject="research",
    since=NOW - 22_200,
    side="here",
    title="Our clock and that of research differ",
    why="They differ by 2 min.",
    proof="",
    effect="Its times are not ours.",
    now="Look at the time servers.",
    contact="",
    verbs=[],
)


def destination(name: str = "hl7-store", state: str = "usual", **values: object) -> dict[str, object]:
    """Return a row of a destination."""
    return {
        "name": name,
        "state": state,
        "words": "takes messages",
        "waiting": 0,
        "parked": 0,
        "last_success": NOW - 30,
        "address": f"https://{name}.example/v1",
        "rate": None,
    } | values


def peer(name: str = "MR3", state: str = "rejected", **values: object) -> dict[str, object]:
    """Return a row of a peer."""
    return {
        "peer": name,
        "listener": "modalities",
        "state": state,
        "words": "calls HILUM1, this listener is HILUM",
        "last_message": NOW - 16_860,
        "address": "10.31.4.17",
    } | values


def status(cases: Sequence[Case] = (), **values: Any) -> Status:
    """Return a status with *cases*; all is well without any."""
    base: dict[str, Any] = {
        "at": NOW,
        "gateway": "gw-1",
        "version": "1.0.0",
        "sentence": "All is as usual.",
        "counts": "Nothing waits; none is lost.",
        "level": cases[0]["level"] if cases else "green",
        "needs_somebody": bool(cases),
        "cases": list(cases),
        "destinations": [destination("image-store"), destination(), destination("research")],
        "peers": [],
        "usual_destinations": 3,
        "usual_peers": 14,
    }
    return Status(**{**base, **values})  # type: ignore[typeddict-item]


def bad_night() -> Status:
    """Return the status of the sketch's bad night."""
    return status(
        [case(), REJECTED, SILENT, CLOCK],
        sentence="image-store refuses connections. Two peers need a look.",
        counts="450 wait, all safe; none is lost.",
        destinations=[
            destination(
                "image-store",
                "stopped",
                words="Nothing listens at 10.20.0.8:8042: its host answers, the service is down.",
                waiting=412,
                last_success=NOW - 850,
                address="http://10.20.0.8:8042/dicom-web",
            ),
            destination("research", "warned", words="They differ by 2 min.", waiting=38, parked=2),
            destination(),
        ],
        peers=[peer(), peer("LAB|HOSPITAL", "silent", words="has sent nothing for 3 h 52 min", listener="adt")],
        usual_destinations=1,
    )


def peer_seen(name: str, **values: Any) -> PeerSeen:
    """Return what is observed of a peer."""
    base: dict[str, Any] = {
        "peer": name,
        "listener": "modalities",
        "address": "10.31.4.20",
        "connections": 1,
        "last_message": NOW - 90,
        "messages": 5,
        "stored": 5,
        "refused": 0,
        "unavailable": 0,
        "duplicates": 0,
        "notices": [],
    }
    return PeerSeen(**{**base, **values})  # type: ignore[typeddict-item]


def observed(peers: Sequence[PeerSeen] = ()) -> Observed:
    """Return what is observed of *peers*, and of nothing else."""
    return Observed(
        at=NOW,
        started_at=NOW - 86_400,
        version="1.0.0",
        state="ready",
        troubles={},
        missing_workers=[],
        destinations={},
        peers=list(peers),
        silence=[],
        certificates=[],
        parked={},
        spools_set_aside=[],
        undelivered={},
        dropped={},
    )


class FakeSource:
    """A source that says what a test has put into it."""

    def __init__(self, shown: Status | None = None, seen: Observed | None = None) -> None:
        self.shown = shown or bad_night()
        self.seen = seen or observed([peer_seen("CT1"), peer_seen("MR3")])
        self.asked = 0
        self.fault: Exception | None = None

    async def status(self) -> Status:
        """Return what is shown."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return self.shown

    async def observed(self) -> Observed:
        """Return what is seen."""
        return self.seen


@dataclass
class Port:
    """A port that serves the pages, and a browser's client for it that keeps cookies."""

    url: str
    client: ClientSession
    application: web.Application

    async def sign_in(self, token: str = TOKEN, name: str = "", to: str = "/") -> int:
        """Sign in; return the status."""
        form = {"token": token, "name": name, "to": to}
        async with self.client.post(f"{self.url}/sign-in", data=form, allow_redirects=False) as reply:
            return reply.status

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """Return the status and text of *path*."""
        asking = self.client.get(self.url + path, headers={**HTML, **headers}, allow_redirects=False)
        async with asking as reply:
            return reply.status, await reply.text()


@asynccontextmanager
async def serving(
    source: FakeSource | None = None,
    access: Access | None = None,
    settings: AdminSettings | None = None,
    tell: TellAct | None = None,
    tls: Any = None,
    read_pipeline: ReadPipeline | None = None,
) -> AsyncIterator[Port]:
    """Serve the pages on a port of the loopback address; *tls* is an acceptor and a client's context."""
    access = access or access_by(TOKEN)
    application = web.Application(middlewares=[access.guard()])
    shown, now = source or FakeSource(), lambda: NOW
    add_pages(application, shown, access, settings, tell=tell, read_pipeline=read_pipeline, gateway="gw-1", clock=now)
    jar = CookieJar(unsafe=True)  # unsafe: also for addresses
    async with (
        serve_admin(application, "127.0.0.1", 0, tls[0] if tls else None, settings) as port,
        ClientSession(timeout=ClientTimeout(total=30), cookie_jar=jar) as client,
    ):
        yield Port(f"http{'s' if tls else ''}://127.0.0.1:{port}", client, application)

"""A gateway to look at: what is observed of it, journal, spool and configuration, with names that attack."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, CookieJar, web

from gateway.admin.access import Access, access_by
from gateway.admin.server import serve_admin
from gateway.admin.spool_acts import SpoolActs
from gateway.causes.site import ListenerSite, Site
from gateway.config.loading import parse
from gateway.config.origin import Origin
from gateway.config.yaml_text import read_yaml
from gateway.contract.acts import Act
from gateway.contract.journal import Row
from gateway.contract.observed import CertificateSeen, DestinationSeen, NoticeSeen, Observed, SilenceSeen
from gateway.journal.folder import folder_of, take_slot
from gateway.journal.pruning import Pruning
from gateway.journal.settings import JournalSettings
from gateway.journal.store import SegmentStore
from gateway.screen.further_pages import add_further_pages
from gateway.screen.pages import add_pages
from gateway.screen.rendering import Renderer
from gateway.spool import Operations
from tests.gateway.screen.screens import NOW, TOKEN, FakeSource, Port, bad_night, case, observed, peer_seen
from tests.gateway.spool.spools import FakeClock
from tests.gateway.spooled import filled_spool

HOSTILE = "<script>window.broken=1</script>"
QUOTED = "'\"><img src=x onerror=window.broken=1>"
TEXT = """\
listeners:
  adt:
    kind: mllp
    port: 2575
    acknowledge: commit
  modalities:
    kind: dimse
    ae_title: HILUM
    port: 11112
destinations:
  hl7-store:
    kind: hl7v2_store
    url: https://hl7-store.example/v1
    contact: PACS on-call, 4411
  image-store:
    kind: dicomweb
    url: http://10.20.0.8:8042/dicom-web
  store: {kind: http, url: "https://store.example/?key=S3CRET", headers: {X-Key: S3CRET}}
routes:
  - {from: adt, to: [hl7-store, store]}
  - {from: modalities, to: image-store}
peers:
  "LAB|HOSPITAL": {contact: "Laboratory IT, +49 221 4730"}
  "<script>window.broken=1</script>": {contact: "'\\"><img src=x onerror=window.broken=1> 4711"}
"""


def notice(cause: str, **values: Any) -> NoticeSeen:
    """Return something that was noticed of a peer."""
    base: dict[str, Any] = {
        "cause": cause,
        "details": {},
        "listener": "modalities",
        "first": NOW - 3060,
        "last": NOW - 300,
        "count": 9,
    }
    return NoticeSeen(**{**base, **values})  # type: ignore[typeddict-item]


def destination_seen(**values: Any) -> DestinationSeen:
    """Return what is observed of a destination that works."""
    base: dict[str, Any] = {
        "kind": "hl7v2_store",
        "address": "https://hl7-store.example/v1",
        "available": True,
        "failing": None,
        "next_try": None,
        "last_success": NOW - 30,
        "delivered": 4211,
        "passed_since": 0,
        "poison": {},
        "refused": {},
        "phases": {"connect": 0.004, "wait": 0.21, "transfer": 0.02, "usual_wait": 0.2},
        "clock_skew": 0.4,
        "waiting": 0,
        "parked": 0,
        "oldest": None,
    }
    return DestinationSeen(**{**base, **values})  # type: ignore[typeddict-item]


FAILING = destination_seen(
    kind="dicomweb",
    address="http://10.20.0.8:8042/dicom-web",
    available=False,
    failing={
        "cause": "connection_refused",
        "details": {"address": "10.20.0.8:8042"},
        "reason": "no connection to the store: connection refused",
        "since": NOW - 840,
        "last": NOW - 20,
        "count": 37,
    },
    next_try=NOW + 19,
    waiting=412,
    parked=3,
    oldest=NOW - 840,
    clock_skew=-240.0,
    refused={"1.2.840.10008.5.1.4.1.1.4.1/C122": 12, f"{HOSTILE}/{QUOTED}": 1},
    poison={"7f3a": 14, QUOTED: 2},
    passed_since=412,
)


def seen() -> Observed:
    """Return what is observed on a bad night."""
    peers = [
        peer_seen("CT1", address="10.31.4.20:51342"),
        peer_seen(
            "MR3",
            last_message=NOW - 16_860,
            notices=[notice("called_ae_title", details={"called": "HILUM1", "calling": "MR3"})],
        ),
        peer_seen("LAB|HOSPITAL", listener="adt", last_message=NOW - 13_920, connections=-1),
        peer_seen(
            HOSTILE,
            listener="adt",
            address=QUOTED,
            notices=[notice("called_ae_title", details={"called": QUOTED, "calling": HOSTILE}), notice(HOSTILE)],
        ),
        peer_seen("../spool", listener="adt", last_message=None),
    ]
    silence = [
        SilenceSeen(
            peer="LAB|HOSPITAL", listener="adt", state="silent", since=NOW - 13_920, usual_gap=1200.0, rate=61.0
        ),
        SilenceSeen(peer="CT1", listener="modalities", state="learning", since=NOW, usual_gap=120.0, rate=33.0),
    ]
    certificates = [
        certificate("destinations.hl7-store", NOW + 200 * 86_400),
        certificate("listeners.adt.tls", NOW + 3 * 86_400, subject=HOSTILE, issuer=QUOTED),
        certificate("admin.tls", NOW - 86_400),
    ]
    destinations = {"image-store": FAILING, "hl7-store": destination_seen(), "research": destination_seen()}
    parked = {"image-store": {"the store refused it": 2, HOSTILE: 1}}
    return {
        **observed(peers),
        "silence": silence,
        "certificates": certificates,
        "destinations": destinations,
        "parked": parked,
    }


def certificate(
    place: str, ends_at: float, subject: str = "CN=gw-1", issuer: str = "CN=Hospital CA"
) -> CertificateSeen:
    """Return a certificate."""
    return CertificateSeen(place=place, subject=subject, issuer=issuer, ends_at=ends_at)


def row(number: int = 0, **values: Any) -> Row:
    """Return a row of the journal."""
    base: dict[str, Any] = {
        "at": NOW - 60 * number,
        "message_id": f"message{number}",
        "listener": "adt",
        "peer": "LAB|HOSPITAL",
        "address": "10.1.0.9:40000",
        "key": f"C{number}",
        "type": "ADT^A01",
        "octets": 1234,
        "outcome": "stored",
        "answer": "AA",
        "reason": "",
        "destination": "hl7-store",
        "attempts": 1,
        "seconds": 0.043,
    }
    return Row(**{**base, **values})


ROWS = (
    *(row(number) for number in range(130, 3, -1)),
    row(3, message_id="m1", key="C-m1", outcome="committed", destination="store", attempts=0),
    row(2, message_id="m1", listener="", peer="", key="", outcome="retried", answer="", destination="store",
        reason="the store answered an error of its own (HTTP 503)", seconds=14.2),
    row(1, message_id="m1", listener="", peer="", key="", outcome="parked", answer="", destination="store",
        reason="the store refused it", attempts=2, seconds=0.3),
    row(0, message_id=HOSTILE, key=QUOTED, peer=HOSTILE, type=QUOTED, outcome="refused", answer="AE",
        reason=f"{HOSTILE} {QUOTED}", destination=HOSTILE, listener=HOSTILE),
)  # fmt: skip


@dataclass
class Acts:
    """The audit trail of a test."""

    told: list[Act] = field(default_factory=list)
    faults: Sequence[str] = ()

    async def tell(self, act: Act) -> Sequence[str]:
        """Keep an act."""
        self.told.append(act)
        return self.faults


def write_journal(data_dir: Path, rows: Sequence[Row] = ROWS) -> None:
    """Write *rows* as a gateway does."""
    folder = folder_of(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    slot = take_slot(folder, 0)
    assert slot is not None
    store = SegmentStore(folder, slot, Pruning(folder, JournalSettings()), now=lambda: NOW)
    assert 0 == store.write(rows)
    store.close()


def site() -> Site:
    """Return the site of the configuration."""
    contacts = {"LAB|HOSPITAL": "Laboratory IT, +49 221 4730", HOSTILE: f"{QUOTED} 4711"}
    return Site(
        gateway="gw-1",
        listeners={"modalities": ListenerSite("dimse", ours="HILUM"), "adt": ListenerSite("mllp", "commit")},
        destination_contacts={"image-store": "PACS on-call, 4411"},
        peer_contacts=contacts,
    )


def add_all(
    application: web.Application, renderer: Renderer, source: FakeSource, text: str, acts: SpoolActs | None
) -> None:
    """Add the pages behind the first screen."""
    config, origin = parse(text), Origin("/etc/hilum/hilum.yaml", read_yaml(text))
    add_further_pages(application, renderer, source, site(), config, acts=acts, origin=origin, clock=lambda: NOW)


@dataclass
class Gateway(Port):
    """A port with all pages."""

    acts: Acts = field(default_factory=Acts)
    parked: str = ""
    waiting: str = ""
    operations: Operations | None = None

    async def post(self, path: str, **fields: Any) -> tuple[int, str, str]:
        """Send a form as the browser does that shows the last page; return status, text and where it leads."""
        data = [
            (name, each) for name, value in fields.items() for each in (value if isinstance(value, list) else [value])
        ]
        async with self.client.post(self.url + path, data=data, allow_redirects=False) as reply:
            return reply.status, await reply.text(), reply.headers.get("Location", "")


@asynccontextmanager
async def gateway(
    folder: Path,
    access: Access | None = None,
    source: FakeSource | None = None,
    *,
    with_spool: bool = True,
    text: str = TEXT,
) -> AsyncIterator[Gateway]:
    """Serve all pages over a spool with known entries."""
    access = access or access_by(TOKEN)
    application = web.Application(middlewares=[access.guard()])
    source = source or FakeSource(bad_night_with_hostile_names(), seen())
    renderer = add_pages(application, source, access, gateway="gw-1", clock=lambda: NOW)
    trail, clock = Acts(), FakeClock()
    clock.now = NOW
    write_journal(folder)
    async with filled_spool(folder, clock) as spooled:
        destinations = {"store": {"mllp"}, "hl7-store": {"mllp"}}
        acts = SpoolActs(spooled.spool, destinations, ["adt", "modalities"], trail.tell) if with_spool else None
        add_all(application, renderer, source, f"{text}data_dir: {folder}\n", acts)
        jar = CookieJar(unsafe=True)
        async with (
            serve_admin(application, "127.0.0.1", 0) as port,
            ClientSession(timeout=ClientTimeout(total=30), cookie_jar=jar) as client,
        ):
            yield Gateway(
                f"http://127.0.0.1:{port}",
                client,
                application,
                trail,
                spooled.parked,
                spooled.waiting,
                spooled.spool,
            )


def bad_night_with_hostile_names() -> Any:
    """Return the status of the bad night, with cases and rows of names that attack."""
    shown = bad_night()
    hostile = case(
        id="ffff",
        subject_kind="peer",
        subject=HOSTILE,
        title=f"{HOSTILE} is not let in",
        why=QUOTED,
        proof=HOSTILE,
        effect=QUOTED,
        now=HOSTILE,
        level="amber",
        state="rejected",
        contact=f"{QUOTED} 4711",
    )
    shown["cases"].append(hostile)
    shown["peers"].append(
        {
            "peer": HOSTILE,
            "listener": "adt",
            "state": "rejected",
            "words": QUOTED,
            "last_message": NOW,
            "address": QUOTED,
        }
    )
    return shown

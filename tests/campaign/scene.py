"""Everybody who takes part in a campaign, made from its plan."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.archives import Archive, HttpMessages, Images, IngestedMessages
from tests.campaign.dicom_sender import Modality
from tests.campaign.gateway_config import LISTENER_OF, LISTENERS, configuration
from tests.campaign.gateway_process import Gateway
from tests.campaign.history import History
from tests.campaign.hl7_sender import Hl7Sender
from tests.campaign.instances import Instances
from tests.campaign.killer import Killer
from tests.campaign.pace import Pace
from tests.campaign.pending import Pending
from tests.campaign.plan import Network, Plan
from tests.campaign.speech import HTTP, MLLP
from tests.campaign.store import Store

COMMITTED_TITLES = ("HILUM", "ARCHIVE", "BACKUP", "ANNEX")
POISONOUS = 2
"""Senders, of each entrance that takes poison, that send some."""


@dataclass(slots=True)
class Scene:
    """The stores, the gateway, and who sends and kills."""

    plan: Plan
    folder: Path
    history: History
    pending: Pending
    stop: asyncio.Event
    """Set at the end of the storm."""
    stores: list[Store]
    gateway: Gateway
    killer: Killer
    senders: list[Hl7Sender | Modality]

    @property
    def data_dir(self) -> Path:
        """Where the spools are."""
        return self.folder / "data"


def set_up(plan: Plan, folder: Path, history: History) -> Scene:
    """Make everybody; nothing runs yet."""
    network, pending, stop = Network(), Pending(), asyncio.Event()
    history.listeners.append(pending)
    ports = {name: network.port() for name in LISTENERS}
    stores = [_store(name, archive, plan, network, history) for name, archive in _archives().items()]
    addresses = {store.name: f"http://{store.host}:{store.port}/{store.name}" for store in stores}
    text = configuration(folder / "data", network.host, ports, addresses, plan.workers)
    (folder / "hilum.yaml").write_text(text)
    gateway = Gateway(folder, plan.workers, history)
    killer = Killer(gateway, plan.chance("killer"), plan.workers, plan.kill_pauses)
    senders = _Senders(plan, network, ports, history, pending, stop).all()
    return Scene(plan, folder, history, pending, stop, stores, gateway, killer, senders)


def _archives() -> dict[str, Archive]:
    return {
        "messages-a": HttpMessages(),
        "messages-b": IngestedMessages(),
        "messages-c": HttpMessages(),
        "ward": HttpMessages(),
        "images-a": Images(),
        "images-b": Images(conflicts=True),
        "images-c": Images(),
    }


def _store(name: str, archive: Archive, plan: Plan, network: Network, history: History) -> Store:
    speech = MLLP if name == "ward" else HTTP
    return Store(name, network.host, network.port(), archive, history, plan.chance(name), speech)


@dataclass(slots=True)
class _Senders:
    plan: Plan
    network: Network
    ports: dict[str, int]
    history: History
    pending: Pending
    stop: asyncio.Event
    _count: int = 0

    def all(self) -> list[Hl7Sender | Modality]:
        numbers = range(self.plan.senders)
        found: list[Hl7Sender | Modality] = []
        found += [self._hl7("adt", number, by_patient=True, poisonous=number < POISONOUS) for number in numbers]
        found += [self._hl7("orders", number) for number in numbers]
        found += [self._hl7("results", number) for number in range((self.plan.senders + 1) // 2)]
        if self.plan.workers == 1:
            found += [self._hl7("referrals", number) for number in numbers]
        titles = COMMITTED_TITLES
        found += [
            self._modality(number, titles, poisonous=number < POISONOUS) for number in range(self.plan.modalities)
        ]
        return [*found, self._modality(self.plan.modalities, ("LIVE",))]

    def _hl7(self, entrance: str, number: int, *, by_patient: bool = False, poisonous: bool = False) -> Hl7Sender:
        name = f"{entrance}-{number}"
        target = self.network.host, self.ports[entrance]
        chance, address = self.plan.chance(name), self._address()
        pace = self._pace(name)
        return Hl7Sender(name, entrance, target, address, self.history, chance, pace, by_patient, poisonous)

    def _modality(self, number: int, titles: tuple[str, ...], *, poisonous: bool = False) -> Modality:
        name = f"CT-{number}"
        targets = {title: (self.network.host, self.ports[LISTENER_OF[title]]) for title in titles}
        instances = Instances(f"1.2.3.{number + 1}", self.plan.chance(f"{name} instances"), poisonous)
        chance, address = self.plan.chance(name), self._address()
        return Modality(name, targets, address, self.history, chance, self._pace(name), instances)

    def _pace(self, name: str) -> Pace:
        full = self.plan.most_pending
        return Pace(self.plan.chance(f"{name} pace"), self.stop, lambda: len(self.pending.waiting) > full)

    def _address(self) -> str:
        self._count += 1
        return self.network.sender(self._count)

"""What of the configuration the cases need."""

import socket
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from gateway.causes.site import ListenerSite, Site
from gateway.config.destinations import destinations_of
from gateway.config.loading import Config
from gateway.contract.message import UID as UID_FORM

DIMSE = "dimse"
CERTIFICATE = "certificate_file"


def site_of(config: Config) -> Site:
    """Return the site that *config* describes."""
    takers = destinations_of(config)
    return Site(
        gateway=socket.gethostname(),
        data_dir=str(config.data_dir),
        listeners=dict(_listeners(config)),
        images=frozenset(name for name, kinds in takers.items() if DIMSE in kinds),
        destination_contacts={name: each.contact for name, each in config.destinations.items() if each.contact},
        peer_contacts={name: each.contact for name, each in config.peers.items() if each.contact},
        name_of=name_of_class,
    )


@lru_cache(maxsize=1000)
def name_of_class(uid: str) -> str:
    """Return the name of a SOP class without the words that all have; other text as it is."""
    if UID_FORM.fullmatch(uid) is None:
        return uid
    from pydicom.uid import UID  # noqa: PLC0415  only where something was refused

    return UID(uid).name.removesuffix(" Storage").removesuffix(" Image")


def _listeners(config: Config) -> Iterator[tuple[str, ListenerSite]]:
    for name, each in config.listeners.items():
        routes = [route for route in config.routes if route.listener == name]
        destinations = frozenset(to for route in routes for to in route.destinations)
        yield name, ListenerSite(each.kind, each.acknowledge, getattr(each, "ae_title", "") or "", destinations)


def certificate_files(config: Config) -> dict[str, Path]:
    """Return the file of each certificate that Hilum shows to others, by the place of its TLS settings."""
    found: dict[str, Path] = {}
    for section in ("listeners", "destinations"):
        for name, each in getattr(config, section).items():
            found |= dict(_certificates(each, f"{section}.{name}"))
    return found | dict(_certificates(config.admin, "admin")) | dict(_certificates(config.audit, "audit"))


def _certificates(settings: BaseModel | None, place: str) -> Iterator[tuple[str, Path]]:
    for name in () if settings is None else type(settings).model_fields:
        value = getattr(settings, name)
        if name == CERTIFICATE and isinstance(value, Path):
            yield place, value
        elif isinstance(value, BaseModel):
            yield from _certificates(value, f"{place}.{name}")

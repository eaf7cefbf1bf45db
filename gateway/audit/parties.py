"""The participants of a transfer, from the facts of a message and the address of a store."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from gateway.audit.events import NONE, Gateway
from gateway.audit.message import DESTINATION, SOURCE, AccessPoint, Participant


def sender_of(facts: Mapping[str, str]) -> Participant:
    """Return the peer that a message came from."""
    if facts["protocol"] == "dimse":
        title = facts.get("calling_ae_title", "")
        name, alternative = title, f"AETITLES={title}" if title else ""  # PS3.15 A.5.2.2
    else:
        name, alternative = _application(facts, "sending"), ""
    address = facts["peer_ip"]
    return Participant(
        name or address,
        SOURCE,
        alternative,
        is_requestor=True,
        access_point=address,
        access_point_type=AccessPoint.IP_ADDRESS,
    )


def receiver_of(facts: Mapping[str, str], gateway: Gateway) -> Participant:
    """Return the gateway as the receiver of a message."""
    if facts["protocol"] == "dimse":
        title = facts.get("called_ae_title", "")
        return gateway.participant(DESTINATION, title, f"AETITLES={title}" if title else "")
    return gateway.participant(DESTINATION, _application(facts, "receiving"))


def _application(facts: Mapping[str, str], side: str) -> str:
    """Return facility and application in the form of IHE ITI-8 (3.8.5.1); empty if the message names neither."""
    facility, application = facts.get(f"{side}_facility", ""), facts.get(f"{side}_application", "")
    return f"{facility}|{application}" if facility or application else ""


def store_at(url: str) -> Participant:
    """Return the store at *url*, without user, password and query, which may be secret."""
    parts = urlsplit(url)
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Participant(address or NONE, DESTINATION, access_point=address, access_point_type=AccessPoint.URI)

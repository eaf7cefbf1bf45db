"""The settings of a DIMSE listener."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from adapters.dimse.protocol.negotiation import Policy
from gateway.contract.forms import Form
from gateway.contract.settings import KEPT, Count, ListenerSettings, Octets, PeerLimits, PeerSettings, Seconds

# PS3.5 6.2: AE is at most 16 characters, no backslash, no control characters, spaces at the ends not significant.
AeTitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    Form(r"[ -\[\]-~]{1,16}", "is no AE title; write 1 to 16 characters of ASCII without a backslash"),
]
# Sockets without an association (yet) do not count against the limit of associations, or a port scan could use it up.
# The ARTIM timer closes them; this bounds their number until then.
SPARE_SOCKETS = 200
Uid = Annotated[
    str, Form(r"(?=.{1,64}$)[0-9]+(\.[0-9]+)*", "is no UID; write up to 64 digits and dots, such as 1.2.840.10008.1.1")
]


class DimsePeerLimits(PeerLimits):
    """Settings of a DIMSE listener that may differ between its peers."""

    max_connections_per_peer: Count = Field(default=50, ge=1)
    """Associations at once from one IP address; one more is rejected as over the local limit."""
    idle_seconds: Seconds = Field(default=600, gt=0)
    """Abort an association on which nothing has happened for so long."""
    called_ae_titles: tuple[AeTitle, ...] | None = None
    """Called AE titles that are accepted; by default only ``ae_title``. ``"*"`` among them accepts any."""
    sop_classes: tuple[Uid, ...] | None = None
    """SOP class UIDs accepted; by default every storage SOP class, retired, private or unknown ones too."""
    transfer_syntaxes: tuple[Uid, ...] | None = None
    """Transfer syntax UIDs accepted; by default every one that is proposed."""
    window_bytes: Octets = Field(default=2097152, ge=65536)
    """Most octets of an instance held in memory while the store takes them; above it the peer is not read. The same
    limit applies to the further requests that the peer sends before it has its answer."""


class DimsePeerSettings(PeerSettings, DimsePeerLimits):
    """Settings that differ for some of the peers of a DIMSE listener.

    A peer must match both ``networks`` and ``calling_ae_titles``, where they are given.
    """

    calling_ae_titles: tuple[AeTitle, ...] = ()
    """Calling AE titles of these peers. Which titles may call at all is set at the listener."""

    WHO: ClassVar[frozenset[str]] = PeerSettings.WHO | {"calling_ae_titles"}

    @model_validator(mode="after")
    def _matches_somebody(self) -> Self:
        if not self.networks and not self.calling_ae_titles:
            raise ValueError("matches nobody; give networks or calling_ae_titles")
        return self


class DimseListenerSettings(DimsePeerLimits, ListenerSettings):
    """A storage SCP."""

    kind: Literal["dimse"] = "dimse"
    """DICOM over DIMSE. A C-ECHO that announces a data set, which it must not have, is answered at once; the data set
    is ignored if it comes."""
    ae_title: AeTitle = "HILUM"
    """The listener's own application entity title."""
    calling_ae_titles: tuple[AeTitle, ...] | None = None
    """Calling AE titles that are accepted; by default any. ``"*"`` among them accepts any."""
    order_by: Literal["peer", "connection", "none"] = "none"
    """In commit mode, which instances are delivered in the order received: those of one IP address, of one association,
    or none. Instances of one SOP Instance UID are always delivered in that order. With `workers` above 1
    the order is that of the commits in all workers (docs/spool.md)."""
    max_pdu: int = Field(default=131072, ge=4096, le=16777216)
    """Longest P-DATA-TF PDU that the peer may send, in octets."""
    artim_seconds: Seconds = Field(default=30, gt=0)
    """Longest wait for an association request, and for the peer to disconnect after release, rejection or abort."""
    max_connections: Count = Field(default=100, ge=1)
    """Most associations at once. One more takes the place of an idle one that has stored nothing, or is rejected as
    over the local limit. Beyond these, a tenth more is kept for addresses that have delivered before."""
    peers: dict[str, DimsePeerSettings] = Field(default_factory=dict)
    """Settings that differ for some peers, by a name for these peers; of several that match, the first counts."""

    @property
    def most_descriptors(self) -> int:
        """As for every listener; each socket is duplicated for its options, and some sockets have no association."""
        sockets = self.max_connections + SPARE_SOCKETS
        handshakes = 0 if self.tls is None else self.tls.max_handshakes
        return handshakes + 2 * (sockets + sockets // KEPT)

    def allowed_values(self) -> dict[str, list[str]]:
        """Return the facts that can have only certain values, with these values; entries in ``peers`` count too."""
        policies = [self.policy(), *(self.replaced_by(each).policy() for each in self.peers.values())]
        allowed = {
            "calling_ae_title": [policies[0].calling_ae_titles],  # who may call is said at the listener alone
            "called_ae_title": [each.called_ae_titles for each in policies],
            "sop_class_uid": [each.sop_classes for each in policies],
            "transfer_syntax_uid": [each.transfer_syntaxes for each in policies],
        }
        return {
            fact: sorted({value for each in sets for value in each or ()})
            for fact, sets in allowed.items()
            if None not in sets and any(sets)
        }

    def policy(self) -> Policy:
        """Return the settings that association negotiation needs."""
        called = self.called_ae_titles if self.called_ae_titles is not None else (self.ae_title,)
        return Policy(
            called_ae_titles=_unless_any(called),
            calling_ae_titles=_unless_any(self.calling_ae_titles),
            sop_classes=None if self.sop_classes is None else frozenset(self.sop_classes),
            transfer_syntaxes=None if self.transfer_syntaxes is None else frozenset(self.transfer_syntaxes),
            max_pdu=self.max_pdu,
        )


def _unless_any(titles: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if titles is None or "*" in titles else frozenset(titles)

"""The settings of a DIMSE listener."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from adapters.dimse.negotiation import Policy
from gateway.settings import ListenerSettings, Seconds

# PS3.5 6.2: AE is at most 16 characters, no backslash, no control characters, spaces at the ends not significant.
AeTitle = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16, pattern=r"^[ -\[\]-~]+$")
]
Uid = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9]+(\.[0-9]+)*$")]


class DimseListenerSettings(ListenerSettings):
    """A storage SCP."""

    kind: Literal["dimse"] = "dimse"
    """DICOM over DIMSE."""
    ae_title: AeTitle = "HILUM"
    """The listener's own application entity title."""
    called_ae_titles: tuple[AeTitle, ...] | None = None
    """Titles by which it may be called; by default only ``ae_title``. ``"*"`` among them is any."""
    calling_ae_titles: tuple[AeTitle, ...] | None = None
    """Titles of the peers that may call; by default any. ``"*"`` among them is any."""
    order_by: Literal["peer", "connection", "none"] = "none"
    """In commit mode, which instances are delivered in the order received: those of one IP address, of one association,
    or none."""
    sop_classes: tuple[Uid, ...] | None = None
    """SOP class UIDs taken; by default every storage SOP class, retired, private or unknown ones too."""
    transfer_syntaxes: tuple[Uid, ...] | None = None
    """Transfer syntax UIDs taken; by default every one that is proposed."""
    max_pdu: int = Field(default=131072, ge=4096, le=16777216)
    """Longest P-DATA-TF PDU that the peer may send, in octets."""
    window_bytes: int = Field(default=2097152, ge=65536)
    """Octets of an instance held here at most while the store takes them; then the peer has to wait."""
    artim_seconds: Seconds = Field(default=30, gt=0)
    """Longest wait for an association request, and for the peer to hang up after release, rejection or abort."""
    max_connections: int = Field(default=100, ge=1)
    """Associations at once; one more is rejected as over the local limit."""
    max_connections_per_peer: int = Field(default=50, ge=1)
    """Associations at once from one IP address; one more is rejected likewise."""
    idle_seconds: Seconds = Field(default=600, gt=0)
    """Abort an association on which nothing has happened for so long."""

    def policy(self) -> Policy:
        """Return what negotiation has to know."""
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

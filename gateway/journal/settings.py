"""The settings of the journal."""

from pydantic import Field

from gateway.contract.settings import Octets, Settings


class JournalSettings(Settings):
    """What became of every message, in the folder `journal` of ``data_dir``: no payload and no patient."""

    enabled: bool = True
    """Whether the journal is written to the disk. A process that is killed loses what came in its last 0.25 s."""
    days: float = Field(default=30, gt=0, le=36500)
    """Days for which it is kept."""
    max_bytes: Octets = Field(default=10 * 2**30, ge=2**20)
    """Octets that it may take, of all workers together: 1 million messages take about 160 MB. The oldest part goes
    first."""

"""What the parts of the pipeline agree on: a reference goes in; rows, files or a reason come out.

A stage is a pure function of a reference, the octets of its object and the settings. So the result can be named by a
digest of these three, a second run finds it by that name, and both drivers make the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.tables.columns import Column

Row = Mapping[str, Any]
"""One row of a table: JSON values; dates and times are texts in ISO 8601, as ``adapters/tables`` takes them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One version of one object in a hospital's bucket. This is what the drivers pass around, never the octets."""

    hospital: str
    key: str
    """Its name in the bucket. It may name a patient: it belongs to the identified side only."""
    version: str
    """As the listing of the bucket tells it; another one after each change of the content."""
    size: int
    modified: str = ""
    """When the bucket took this version, in ISO 8601 and UTC: of two versions it tells the later one."""


@dataclass(frozen=True, slots=True)
class Dead:
    """Why a stage made no row of an object: a row of the dead letters."""

    reference: Reference
    stage: str
    reason: str
    """A fixed sentence. No value of the object is in it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage has made of one object."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """By the name of the table."""
    columns: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    """By the name of the table, the columns that its rows need, where they are not always the same."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By the key in the bucket of the thumbnails."""
    dead: Sequence[Dead] = ()

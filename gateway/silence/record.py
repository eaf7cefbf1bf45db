"""The octets in which the store keeps what is known of a peer."""

from math import isfinite
from struct import Struct

from gateway.silence.estimator import Estimate
from gateway.silence.rates import HOURS, Rates
from gateway.silence.thresholds import KEPT, WEEKS, Surprises

VERSION = 1
HEAD = Struct("<B5d3fI?B")
"""Version; times and sums; the current hour and gap; messages in it; whether it was told; the number of weeks."""
MEANS = Struct(f"<{HOURS}f")
SURPRISES = Struct(f"<{WEEKS * KEPT}f")
SIZE = HEAD.size + MEANS.size + HOURS + SURPRISES.size
NONE = -1.0
"""In place of a surprise that there is not."""


def to_octets(estimate: Estimate) -> bytes:
    """Return an estimate as octets."""
    rates, weeks = estimate.rates, estimate.surprises.weeks
    head = HEAD.pack(
        VERSION,
        *(estimate.at, estimate.last, estimate.quiet, rates.squares, rates.excess),
        *(estimate.watched, estimate.exposed, estimate.before),
        min(estimate.count, 2**32 - 1),
        estimate.is_told,
        len(weeks),
    )
    surprises = [value for week in weeks for value in (*week, *[NONE] * (KEPT - len(week)))]
    filled = [*surprises, *[NONE] * (WEEKS * KEPT - len(surprises))]
    return head + MEANS.pack(*rates.means) + bytes(rates.weeks) + SURPRISES.pack(*filled)


def from_octets(octets: bytes) -> Estimate | None:
    """Return the estimate that *octets* hold; None if this version cannot read them."""
    if len(octets) != SIZE or octets[0] != VERSION:
        return None
    _, at, last, quiet, squares, excess, watched, exposed, before, count, is_told, number = HEAD.unpack_from(octets)
    means = MEANS.unpack_from(octets, HEAD.size)
    weeks = octets[HEAD.size + MEANS.size :][:HOURS]
    values = SURPRISES.unpack_from(octets, HEAD.size + MEANS.size + HOURS)
    numbers = at, last, quiet, squares, excess, watched, exposed, before, *means, *values
    if number > WEEKS or not all(map(isfinite, numbers)) or min(quiet, squares, watched, exposed, before, *means) < 0:
        return None
    surprises = [[each for each in values[week * KEPT :][:KEPT] if each >= 0] for week in range(number)]
    return Estimate(
        *(at, last, Rates(means, weeks, squares, excess), Surprises(surprises)),
        *(count, watched, quiet, exposed, before, is_told),
    )

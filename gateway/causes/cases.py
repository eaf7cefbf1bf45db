"""From what was observed to the cases that need somebody: one for each cause, the most urgent first."""

from gateway.causes.making import case_of
from gateway.causes.of_destinations import found_of_destinations
from gateway.causes.of_gateway import found_of_gateway
from gateway.causes.of_peers import found_of_peers
from gateway.causes.rows import LEVELS, STATES
from gateway.causes.site import Site
from gateway.contract.observed import Case, Observed

FAILING = frozenset({"stopped", "slow"})


def cases_of(observed: Observed, site: Site) -> list[Case]:
    """Return the cases; a pure function. Each ID is there once."""
    of_destinations = list(map(case_of, found_of_destinations(observed, site)))
    failing = {each["subject"] for each in of_destinations if each["state"] in FAILING}
    found = [*found_of_gateway(observed, site), *found_of_peers(observed, site, failing)]
    cases = {each["id"]: each for each in [*of_destinations, *map(case_of, found)]}
    return sorted(cases.values(), key=_urgency)


def _urgency(case: Case) -> tuple[int, int, float, str]:
    return LEVELS.index(case["level"]), STATES.index(case["state"]), case["since"], case["id"]

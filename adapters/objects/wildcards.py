"""Google's patterns of object names, which are part of the contract, because the sandbox obeys the same rules."""

from gateway.contract.wildcards import BadPattern, check, has_wildcard, matches, may_hold, prefix_of

__all__ = ["BadPattern", "check", "has_wildcard", "matches", "may_hold", "prefix_of"]

"""What is wrong between the parts of a configuration; the whole sentences are in test_loading.py."""

from typing import Any

import pytest

from gateway.config.problems import contradictions


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [3], {"a": 3}])
@pytest.mark.parametrize("section", ["listeners", "destinations", "routes"])
def test_malformed_sections(section: str, value: object) -> None:
    """A section of any wrong shape never breaks the search for contradictions."""
    assert all(isinstance(each, str) for each in contradictions({section: value}))


ADMINS: dict[str, tuple[Any, bool]] = {
    "none": (None, False),
    "the default": ({}, False),
    "loopback": ({"host": "::1"}, False),
    "everywhere": ({"host": "0.0.0.0"}, True),
    "a name": ({"host": "gateway.example"}, True),
    "with a token": ({"host": "0.0.0.0", "token_file": "token"}, False),
    "with TLS only": ({"host": "0.0.0.0", "tls": {"certificate_file": "c"}}, True),
    "with certificates": ({"host": "0.0.0.0", "tls": {"client_auth": "optional"}}, False),
    "malformed": (3, False),
}


@pytest.mark.parametrize(("admin", "open_to_all"), ADMINS.values(), ids=ADMINS)
def test_open_admin_port(admin: Any, open_to_all: object) -> None:
    """An admin port that other machines can reach needs authentication."""
    found = [each for each in contradictions({"admin": admin}) if each.startswith("admin.host: ")]
    assert open_to_all is bool(found)


COMMITS = {"acknowledge": "commit"}
RETENTIONS: dict[str, tuple[Any, Any, bool]] = {
    "the defaults": (None, COMMITS, False),
    "no retention": ({"retention_days": 0}, COMMITS, True),
    "nor a window": ({"retention_days": 0}, {**COMMITS, "duplicate_window": 0}, False),
    "shorter than the window": ({"retention_days": 1}, {**COMMITS, "duplicate_window": 86401}, True),
    "as long as the window": ({"retention_days": 1}, {**COMMITS, "duplicate_window": 86400}, False),
    "relayed": ({"retention_days": 0}, {"acknowledge": "relay"}, False),
    "malformed": ({"retention_days": "x"}, COMMITS, False),
}


@pytest.mark.parametrize(("spool", "listener", "forgetful"), RETENTIONS.values(), ids=RETENTIONS)
def test_retention_shorter_than_the_window(spool: Any, listener: Any, forgetful: object) -> None:
    """A retention that ends before the duplicate window would defeat it: that is an error."""
    found = contradictions({"spool": spool, "listeners": {"adt": listener}})
    assert forgetful is any(each.startswith("spool.retention_days: ") for each in found)

"""The settings of the audit trail."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.audit.settings import AuditSettings, SyslogSettings


@pytest.mark.parametrize(("transport", "port"), [("tls", 6514), ("tcp", 601), ("udp", 514)])
def test_registered_ports(transport: Any, port: int) -> None:
    """Without a port the registered one of the transport is used."""
    assert ("h", port) == SyslogSettings(host="h", transport=transport).address


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "has neither file nor syslog; add one"),
        ({"syslog": {"host": "h", "transport": "udp", "ca_file": "ca.pem"}}, "its transport is not tls"),
        ({"syslog": {"host": "h", "key_file": "key.pem"}}, "needs certificate_file and key_file together"),
    ],
)
def test_contradictions(values: dict[str, Any], problem: str) -> None:
    """Settings that contradict each other are an error that says what to change."""
    with pytest.raises(ValidationError, match=problem):
        AuditSettings.model_validate(values)

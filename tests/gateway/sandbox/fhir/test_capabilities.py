"""The capability statement."""

from gateway.sandbox.fhir.capabilities import capability_statement


def test_address() -> None:
    """It names the store that it is about."""
    assert capability_statement("http://x/fhir")["implementation"]["url"] == "http://x/fhir"

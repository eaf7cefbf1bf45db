"""The sans-IO core of DIMSE: PDUs, the state machines of both sides of an association, command sets, negotiation."""

"""The sans-IO core of DIMSE: PDUs, the state machine of the association, command sets, negotiation."""

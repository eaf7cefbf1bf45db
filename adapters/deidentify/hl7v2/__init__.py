"""HL7v2: what stays is listed by segment and field; what stays is then searched for the message's own identifiers."""

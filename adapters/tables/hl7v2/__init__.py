"""HL7v2 messages as rows of a table."""

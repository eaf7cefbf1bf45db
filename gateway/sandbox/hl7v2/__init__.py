"""The embedded HL7v2 store."""

"""The messages of an HL7v2 store in the order of their creation."""

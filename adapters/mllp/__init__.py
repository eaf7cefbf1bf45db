"""HL7v2 over MLLP: framing, the listening side and a client."""

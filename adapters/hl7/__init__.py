"""HL7v2 as far as a gateway reads and writes it: headers, acknowledgements, batches, character sets."""

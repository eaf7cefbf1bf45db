"""What a gateway must read and write of HL7v2: headers, acknowledgements, batches, character sets."""

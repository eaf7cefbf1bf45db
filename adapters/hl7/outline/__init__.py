"""The outline of an HL7v2 message: which fields it has and how long they are, without their values."""

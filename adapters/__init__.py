"""One package per technology; none knows another, except that ``mllp`` speaks ``hl7``."""

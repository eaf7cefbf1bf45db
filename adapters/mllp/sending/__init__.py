"""The sending side of MLLP, used by the command line."""

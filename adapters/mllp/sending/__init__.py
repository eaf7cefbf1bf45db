"""Sends messages over MLLP, for the command line."""

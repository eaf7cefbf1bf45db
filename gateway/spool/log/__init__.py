"""The intake log of a spool: what was acknowledged within the last moment, in files that are only appended to."""

"""The database of a spool: its tables, everything that is written and read, the thread that writes."""

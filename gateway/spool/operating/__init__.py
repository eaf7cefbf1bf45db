"""What operators do with the entries of the spool: find them, retry, move."""

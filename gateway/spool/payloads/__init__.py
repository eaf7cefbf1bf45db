"""The payloads of a spool: taken in, sealed, read again, small ones in the database and large ones in files."""

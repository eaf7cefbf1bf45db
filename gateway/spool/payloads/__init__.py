"""How payloads are taken in, sealed and read again: small ones in the database, large ones in files."""

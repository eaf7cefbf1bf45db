"""How a spool's entries are chosen for delivery: of one ordering key or identity, one entry at a time."""

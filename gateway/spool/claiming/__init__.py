"""How a spool's entries are chosen for delivery, so that no two of a lane are under way at once."""

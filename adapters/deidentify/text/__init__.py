"""Free text: cleaned of what the object itself names. Everything else in it stays, also the names of others."""

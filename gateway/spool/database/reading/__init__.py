"""What the dispatcher, commits and operators read from a spool's database."""

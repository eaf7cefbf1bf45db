"""What is read of a spool's database, by the dispatcher, by commits and by operators."""

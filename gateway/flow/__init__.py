"""A message's way: routing, steps, delivery and its tries, commit mode and its dispatchers."""

"""From what was observed to the cases that need somebody: one table of causes, sentences and mends."""

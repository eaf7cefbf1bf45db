"""What the reply of a store means for a message."""

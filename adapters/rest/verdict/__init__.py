"""What the reply of a store says of a message."""

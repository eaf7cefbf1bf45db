"""The path of a message: routing, steps, delivery with retries, commit mode with its dispatchers."""

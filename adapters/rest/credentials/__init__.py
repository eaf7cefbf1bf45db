"""What a request shows to a store: headers, passwords, tokens."""

"""The front page of the sandbox: what is in which store, the latest operations, commands to try next."""

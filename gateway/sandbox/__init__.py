"""The embedded stores for trials, tests and the demo. They share no code with the adapters, so they can judge them."""

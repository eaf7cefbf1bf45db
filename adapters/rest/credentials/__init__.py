"""The credentials and the additional headers of a request: passwords, tokens, API keys."""

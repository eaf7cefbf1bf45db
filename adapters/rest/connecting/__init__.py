"""Connections to a store: addresses, proxies, TLS, the pool."""

"""Hilum: a gateway from hospital protocols to HTTP stores; the domain and the daemon."""

__version__ = "0.1.0"

"""Interfaces and data types shared by the daemon and the adapters. This package imports nothing else of Hilum."""

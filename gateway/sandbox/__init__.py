"""The embedded stores, for trying, testing and the demo: an independent judge that shares no code with the adapters."""

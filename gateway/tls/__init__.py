"""TLS of listeners, of the admin port and towards stores: versions, cipher suites, renewed files, peer identity."""

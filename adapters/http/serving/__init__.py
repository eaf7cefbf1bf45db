"""The listening side of HTTP: connections, requests and their answers."""

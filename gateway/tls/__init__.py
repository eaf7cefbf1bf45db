"""TLS on the ports that Hilum serves and towards the stores: versions, suites, files that change, who a peer is."""

"""The ``dicomweb`` destination: STOW-RS, and the queries that tell what a store has."""

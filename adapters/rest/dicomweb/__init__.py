"""The ``dicomweb`` destination: STOW-RS, and the searches that tell what a store has."""

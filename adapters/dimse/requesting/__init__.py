"""The requestor of an association, for the command line."""

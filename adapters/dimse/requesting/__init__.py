"""The requesting side of associations (SCU), used by the command line."""

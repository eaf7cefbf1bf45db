"""Long-running operations: what is kept of each, those in progress, and what their logs tell."""

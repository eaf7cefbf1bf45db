"""Data sets without a network: a streaming reader and writer, and the step that edits elements (PS3.5, PS3.10 7.1)."""

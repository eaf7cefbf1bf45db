"""Commands for operators: what they see of a running gateway."""

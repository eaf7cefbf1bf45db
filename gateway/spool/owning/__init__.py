"""The spools that one process owns: which it may adopt, how each is opened and closed, what is counted until then."""

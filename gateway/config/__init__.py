"""YAML to frozen settings; every mistake with its path, the reason and the mend."""

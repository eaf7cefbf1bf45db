"""What is made of one object: each stage is a pure function of its octets and the settings."""

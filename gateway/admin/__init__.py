"""The admin port: who may ask, health, metrics, the spool."""
